"""Batches prepared by threads while the optimiser works, each from its step number only."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from types import TracebackType
from typing import Generic, Self, TypeVar

from ml.training.config import BaseConfig
from ml.training.device import pick_device
from ml.training.distributed import world_size

Batch = TypeVar("Batch")
_MOST_THREADS = 8


class Prefetched(Generic[Batch]):
    """`batches(step)` is `make(step)`, prepared in advance for consecutive steps.

    `make` must depend only on the step, so that neither threads nor a resumed run change what a step sees. It runs
    concurrently with the optimiser while it releases the interpreter's lock (as NumPy, OpenCV and torch do). An exception
    in `make` is raised by the call for its step.

    with Prefetched(make, ahead=2) as batches:
        loss = step(batches(0))
    """

    @classmethod
    def of(cls, config: BaseConfig, make: Callable[[int], Batch]) -> Self:
        """Return prefetched batches with as many threads as the settings say; each thread works at one batch."""
        threads = loader_threads(config)
        return cls(make, ahead=max(2, threads), threads=threads)

    def __init__(self, make: Callable[[int], Batch], *, ahead: int = 2, threads: int = 1) -> None:
        self._make = make
        self._ahead = ahead
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="prefetch")
        self._coming: dict[int, Future[Batch]] = {}
        self.waited_s = 0.0  # time that callers have waited for batches

    def __call__(self, step: int) -> Batch:
        started = perf_counter()
        for stale in [other for other in self._coming if not step <= other <= step + self._ahead]:
            self._coming.pop(stale).cancel()
        for wanted in range(step, step + self._ahead + 1):
            if wanted not in self._coming:
                self._coming[wanted] = self._pool.submit(self._make, wanted)
        batch = self._coming.pop(step).result()
        self.waited_s += perf_counter() - started
        return batch

    def close(self) -> None:
        """Cancel batches that have not been started, and wait for those that have."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def loader_threads(config: BaseConfig) -> int:
    """Return the number of threads that prepare a run's batches, in each of its processes."""
    if config.loader_threads is not None:
        return config.loader_threads
    on_gpu = pick_device().type != "cpu"
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // world_size() - 1)) if on_gpu else 1
