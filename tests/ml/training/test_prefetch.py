"""Prefetching: batches belong to their steps, are computed ahead, and errors are raised at the requesting step."""

import os
import threading

import pytest
import torch

from ml.training import prefetch
from ml.training.config import BaseConfig
from ml.training.prefetch import Prefetched, loader_threads
from ml.training.seeding import step_generator


def make(step: int) -> list[float]:
    return [float(value) for value in step_generator(0, step).random(3)]


@pytest.mark.parametrize("threads", [1, 3])
def test_steps_get_their_own_batches_in_any_order(threads: int) -> None:
    with Prefetched(make, ahead=2, threads=threads) as batches:
        for step in [0, 1, 2, 3, 7, 8, 2, 3, 3]:
            assert batches(step) == make(step)


def test_the_next_batches_are_computed_while_the_caller_works() -> None:
    made = [threading.Event() for _ in range(10)]

    def mark(step: int) -> int:
        made[step].set()
        return step

    with Prefetched(mark, ahead=2) as batches:
        assert batches(0) == 0
        assert made[1].wait(10)
        assert made[2].wait(10)
        assert not made[3].is_set()


def test_each_batch_is_computed_once() -> None:
    made: list[int] = []

    def note(step: int) -> int:
        made.append(step)
        return step

    with Prefetched(note, ahead=3) as batches:
        for step in range(6):
            batches(step)
    assert made == sorted(set(made))


@pytest.mark.parametrize(
    ("configured", "device", "expected"), [(None, "cpu", 1), (None, "cuda", 7), (3, "cuda", 3), (3, "cpu", 3)]
)
def test_a_gpu_gets_several_threads_unless_settings_say_otherwise(
    configured: int | None, device: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "pick_device", lambda: torch.device(device))
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert loader_threads(BaseConfig(loader_threads=configured)) == expected


def test_an_error_is_raised_by_the_call_for_its_step() -> None:
    def broken(step: int) -> int:
        if step == 2:
            raise ValueError("photo 17 is broken")
        return step

    with Prefetched(broken) as batches:
        assert [batches(0), batches(1)] == [0, 1]
        with pytest.raises(ValueError, match="photo 17"):
            batches(2)
        assert batches(3) == 3


def test_waiting_time_is_counted() -> None:
    release = threading.Event()

    def slow(step: int) -> int:
        release.wait(10)
        return step

    with Prefetched(slow, ahead=0) as batches:
        threading.Timer(0.2, release.set).start()
        batches(0)
        assert batches.waited_s > 0.1
