"""The loop resumes to the bit, stops on NaN and keeps the best weights."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ml.training.checkpoint import load_checkpoint, save_checkpoint
from ml.training.loop import DivergedError, Loop, Metrics


class InterruptedRunError(Exception):
    pass


def make_loop(
    folder: Path, *, stop_at: int | None = None, poison_at: int | None = None, steps: int = 12
) -> Loop:
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)

    def step(index: int) -> tuple[Tensor, Metrics]:
        if index == stop_at:
            raise InterruptedRunError
        x = torch.randn(8, 4, generator=torch.Generator().manual_seed(index))
        loss = (model(x).squeeze(1) - x.sum(1)).square().mean()
        return (loss * float("nan") if index == poison_at else loss), {}

    def validate(module: nn.Module) -> Metrics:
        return {"score": -sum(float((p.detach() - 1).abs().sum()) for p in module.parameters())}

    return Loop(
        model,
        optimizer,
        steps,
        step,
        validate,
        folder,
        warmup_steps=2,
        validate_every=4,
        checkpoint_interval_s=0,
    )


def curve(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_a_resumed_run_repeats_the_loss_curve_to_the_bit(tmp_path: Path) -> None:
    whole = make_loop(tmp_path / "whole")
    best = whole.run()
    with pytest.raises(InterruptedRunError):
        make_loop(tmp_path / "cut", stop_at=7).run()
    resumed = make_loop(tmp_path / "cut")
    assert resumed.run() == best
    assert curve(tmp_path / "cut") == curve(tmp_path / "whole")
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[name])


def test_nan_stops_the_run_and_names_the_step(tmp_path: Path) -> None:
    with pytest.raises(DivergedError, match="step 5"):
        make_loop(tmp_path, poison_at=5).run()


def test_kill_minus_nine_leaves_a_checkpoint_that_resumes(tmp_path: Path) -> None:
    script = (
        "import importlib.util, sys, time\n"
        f"spec = importlib.util.spec_from_file_location('twin', {str(__file__)!r})\n"
        "twin = importlib.util.module_from_spec(spec); spec.loader.exec_module(twin)\n"
        "from pathlib import Path\n"
        "loop = twin.make_loop(Path(sys.argv[1]), steps=400)\n"
        "plain = loop.step\n"
        "loop.step = lambda index: (time.sleep(0.01), plain(index))[1]\n"
        "loop.run()\n"
    )
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (folder / "checkpoint.safetensors").exists() or len(curve(folder)) < 5:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline, "no checkpoint within a minute"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    make_loop(folder, steps=400).run()
    make_loop(tmp_path / "whole", steps=400).run()
    assert curve(folder) == curve(tmp_path / "whole")


def test_a_checkpoint_returns_the_tree_it_was_given(tmp_path: Path) -> None:
    state = {
        "model": {"w": torch.arange(6.0).reshape(2, 3)},
        "state": {0: {"step": torch.tensor(3.0)}},
        "best": None,
    }
    save_checkpoint(tmp_path / "c.safetensors", {**state, "rates": [0.1, 0.2], "n": 4})
    loaded = load_checkpoint(tmp_path / "c.safetensors")
    assert torch.equal(loaded["model"]["w"], state["model"]["w"])
    assert loaded["state"][0]["step"] == 3.0
    assert (loaded["best"], loaded["rates"], loaded["n"]) == (None, [0.1, 0.2], 4)
    assert [p.name for p in tmp_path.iterdir()] == ["c.safetensors"]
