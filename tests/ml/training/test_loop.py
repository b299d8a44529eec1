"""The loop resumes bit by bit, survives SIGKILL, and stops on request, on divergence and without improvement."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from ml.training.checkpoint import load_checkpoint
from ml.training.config import BaseConfig, Precision
from ml.training.device import autocast
from ml.training.loop import CHECKPOINT, DivergedError, Loop
from ml.training.run_files import read_rows
from ml.training.watch import Cancelled, watched


def curve(folder: Path) -> list[tuple[float, float | None]]:
    return [(row["loss"], row.get("val/score")) for row in read_rows(folder)]


def same_weights(a: nn.Module, b: nn.Module) -> bool:
    return all(torch.equal(value, b.state_dict()[name]) for name, value in a.state_dict().items())


def cancel_after(loop: Loop, step: int) -> Loop:
    loop.cancelled = lambda: len(read_rows(loop.folder)) >= step
    return loop


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ema_decay": None},
        {"schedule": "step", "grad_clip_norm": None},
        {"convolution": True},
        {"convolution": True, "optimizer": "sgd"},
    ],
)
def test_a_resumed_run_repeats_the_loss_curve_bit_by_bit(
    runs: ModuleType, tmp_path: Path, options: dict[str, Any]
) -> None:
    whole = runs.make_loop(tmp_path / "whole", **options)
    best = whole.run()
    with pytest.raises(Cancelled):
        cancel_after(runs.make_loop(tmp_path / "cut", **options), 6).run()
    resumed = runs.make_loop(tmp_path / "cut", **options)
    assert resumed.run() == best
    assert curve(tmp_path / "cut") == curve(tmp_path / "whole")
    assert same_weights(whole.model, resumed.model)


def test_a_run_continues_in_another_precision_and_reports_it(runs: ModuleType, tmp_path: Path) -> None:
    """As on a worker whose processor has no bf16: weights and optimiser state are float32 in both cases."""

    def plan() -> str:
        return str(json.loads((tmp_path / "plan.json").read_text())["precision"])

    with pytest.raises(Cancelled):
        cancel_after(autocast_loop(runs, tmp_path, "bf16"), 6).run()
    assert plan() == load_checkpoint(tmp_path / CHECKPOINT)["precision"] == "bf16"
    resumed = autocast_loop(runs, tmp_path, "fp32")
    resumed.run()
    assert plan() == load_checkpoint(tmp_path / CHECKPOINT)["precision"] == "fp32"
    whole = runs.make_loop(tmp_path / "whole")
    whole.run()
    apart = [
        abs(one[0] - other[0]) for one, other in zip(curve(tmp_path), curve(tmp_path / "whole"), strict=True)
    ]
    assert max(apart[:6]) > 0  # bf16 was really used
    assert max(apart) < 0.1 * max(loss for loss, _ in curve(tmp_path))


def autocast_loop(runs: ModuleType, folder: Path, precision: Precision) -> Loop:
    loop: Loop = runs.make_loop(folder, precision=precision)
    plain = loop.step

    def step(index: int) -> tuple[torch.Tensor, dict[str, float]]:
        with autocast(torch.device("cpu"), precision):
            return plain(index)

    loop.step = step
    return loop


def test_a_finished_run_returns_its_result_without_a_step(runs: ModuleType, tmp_path: Path) -> None:
    best = runs.make_loop(tmp_path).run()
    again = runs.make_loop(tmp_path, poison_at=0)
    assert again.run() == best
    assert len(read_rows(tmp_path)) == 12


@pytest.mark.slow
def test_sigkill_loses_at_most_one_checkpoint_interval(runs: ModuleType, tmp_path: Path) -> None:
    options = {"steps": 40, "checkpoint_interval_s": 10}
    script = [
        sys.executable,
        str(runs.__file__),
        str(tmp_path / "killed"),
        json.dumps({**options, "kill_at": 33}),
    ]
    killed = subprocess.run(script, env=os.environ | runs.IMPORTABLE, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    kept = load_checkpoint(tmp_path / "killed" / CHECKPOINT)["step"]
    assert 33 - 11 <= kept <= 33  # the script's clock advances one second per step
    with (tmp_path / "killed" / "metrics.jsonl").open("a") as file:
        file.write('{"step": 33, "lo')  # as left by a kill in the middle of a line
    (
        tmp_path / "killed" / ".checkpoint.safetensors.1.tmp"
    ).touch()  # as left by a kill in the middle of a checkpoint
    runs.make_loop(tmp_path / "killed", **options).run()
    runs.make_loop(tmp_path / "whole", **options).run()
    assert curve(tmp_path / "killed") == curve(tmp_path / "whole")
    assert sorted(p.name for p in (tmp_path / "killed").iterdir()) == [
        *(CHECKPOINT, "metrics.jsonl", "plan.json")
    ]


def test_a_run_killed_before_its_first_checkpoint_restarts_its_metrics(
    runs: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 0, "loss": 1.0}\n{"step": 1, "loss": 1.0}\n')
    runs.make_loop(tmp_path).run()
    assert [row["step"] for row in read_rows(tmp_path)] == list(range(12))


def test_nan_stops_the_run_and_names_step_and_batch(runs: ModuleType, tmp_path: Path) -> None:
    loop = runs.make_loop(tmp_path, poison_at=5, batch_name=lambda index: f"shoes {index}, {index + 1}")
    with pytest.raises(DivergedError, match=r"step 5: .*nan.* on batch shoes 5, 6"):
        loop.run()
    assert [row["step"] for row in read_rows(tmp_path)] == [0, 1, 2, 3, 4]


def test_an_infinite_gradient_stops_the_run_before_the_weights_change(
    runs: ModuleType, tmp_path: Path
) -> None:
    loop = runs.make_loop(tmp_path)
    weight = loop.model[0].weight
    plain = loop.step
    loop.step = lambda index: (plain(index)[0] + (weight[0, 0] - weight[0, 0].detach()).sqrt(), {})
    with pytest.raises(DivergedError, match=r"step 0: .*gradient"):
        loop.run()
    assert torch.isfinite(weight).all()


def test_a_cancelled_run_leaves_a_checkpoint_of_its_last_step(runs: ModuleType, tmp_path: Path) -> None:
    loop = cancel_after(runs.make_loop(tmp_path, checkpoint_interval_s=3600), 6)
    with pytest.raises(Cancelled, match="step 6"):
        loop.run()
    assert load_checkpoint(tmp_path / CHECKPOINT)["step"] == 7


def test_patience_ends_the_run_permanently_with_the_best_weights(runs: ModuleType, tmp_path: Path) -> None:
    scores = iter([0.5, 0.9, 0.3, 0.9, 0.8, 0.7])
    seen: list[dict[str, torch.Tensor]] = []

    def validate(module: nn.Module) -> dict[str, float]:
        seen.append({name: value.clone() for name, value in module.state_dict().items()})
        return {"score": next(scores)}

    loop = runs.make_loop(tmp_path, steps=100, validate_every=2, patience=3)
    loop.validate = validate
    assert loop.run() == {
        "score": 0.9,
        "step": 8.0,
    }  # the later of equal values, without resetting the patience
    assert len(read_rows(tmp_path)) == 10
    assert all(torch.equal(value, seen[3][name]) for name, value in loop.model.state_dict().items())
    again = runs.make_loop(tmp_path, steps=100, validate_every=2, patience=3, poison_at=10)
    assert again.run() == {"score": 0.9, "step": 8.0}


def test_without_validation_the_last_weights_are_kept(runs: ModuleType, tmp_path: Path) -> None:
    loop = runs.make_loop(tmp_path, ema_decay=None)
    loop.validate = None
    best = loop.run()
    assert best == {"step": 12.0}
    last = load_checkpoint(tmp_path / CHECKPOINT)["model"]
    assert all(torch.equal(value, last[name]) for name, value in loop.model.state_dict().items())


def test_the_hook_gets_every_written_row(runs: ModuleType, tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []
    runs.make_loop(tmp_path, on_row=seen.append).run()
    assert seen == read_rows(tmp_path)
    assert seen[3].keys() == {"step", "loss", "half", "time", "val/score"}


def test_a_watch_set_by_the_caller_applies_to_all_loops_of_a_system(runs: ModuleType, tmp_path: Path) -> None:
    seen: list[Mapping[str, Any]] = []
    with watched(on_row=seen.append, cancelled=lambda: len(seen) >= 14):
        runs.make_loop(tmp_path / "first").run()
        with pytest.raises(Cancelled, match="step 2"):
            runs.make_loop(tmp_path / "second").run()
    assert [row["step"] for row in seen] == [*range(12), 0, 1, 2]
    runs.make_loop(tmp_path / "second").run()
    assert len(seen) == 15


def test_a_loop_follows_the_shared_settings(runs: ModuleType, tmp_path: Path) -> None:
    tiny = runs.make_loop(tmp_path)
    config = BaseConfig(steps=200, warmup=0.1, ema_decay=None, schedule="step", seed=3, patience=2)
    loop = Loop.of(
        config,
        model=tiny.model,
        optimizer=tiny.optimizer,
        step=tiny.step,
        validate=None,
        folder=tmp_path,
        grad_clip_norm=None,
    )
    assert (loop.steps, loop.warmup_steps, loop.ema_decay, loop.schedule) == (200, 20, None, "step")
    assert (loop.seed, loop.patience, loop.grad_clip_norm) == (3, 2, None)


def test_minutes_are_summed_over_interruptions(runs: ModuleType, tmp_path: Path) -> None:
    def minutes(loop: Loop, run: Callable[[], object]) -> float:
        loop.clock = runs.StepClock()
        run()
        return loop.minutes

    loop = runs.make_loop(tmp_path, checkpoint_interval_s=10**6)
    cancel_after(loop, 6)
    with pytest.raises(Cancelled):
        minutes(loop, loop.run)
    resumed = runs.make_loop(tmp_path, checkpoint_interval_s=10**6)
    assert minutes(resumed, resumed.run) == pytest.approx(12 / 60)
