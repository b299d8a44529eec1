"""A tiny training run for the tests, also as a script: `python runs.py FOLDER OPTIONS_AS_JSON`, also under torchrun."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import ml
from ml.training.device import placed
from ml.training.distributed import data_parallel, gathered, rank, shard, world_size
from ml.training.loop import Loop, Metrics
from ml.training.optimisers import build_optimizer

# Environment of a subprocess: import path of ml, and one thread, so that other processors stay free.
IMPORTABLE = {"PYTHONPATH": str(Path(ml.__file__).parents[1]), "OMP_NUM_THREADS": "1"}


def make_loop(folder: Path, **options: Any) -> Loop:
    """A linear model with dropout that learns the sum of its inputs, batches of 8."""
    torch.manual_seed(0)
    dropout = options.pop("dropout", 0.1)
    poison_at, kill_at = options.pop("poison_at", None), options.pop("kill_at", None)
    model = nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8, momentum=0.2), nn.Dropout(dropout), nn.Linear(8, 1)
    )
    if options.pop("plain", False):  # no BatchNorm and no dropout, which depend on the part of the batch
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    if options.pop("convolution", False):
        model = nn.Sequential(
            nn.Unflatten(1, (4, 1, 1)), nn.Conv2d(4, 8, 3, padding=1), nn.Flatten(), nn.Linear(8, 1)
        )
        placed(model, torch.device("cpu"))
    name = options.pop("optimizer", "adamw")
    optimizer = build_optimizer(
        name, [(model.parameters(), 0.05 if name == "adamw" else 0.01)], weight_decay=0.01
    )

    def step(index: int) -> tuple[Tensor, Metrics]:
        if index == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        x = torch.randn(8, 4, generator=torch.Generator().manual_seed(index))[shard(8)]
        loss = (model(x).squeeze(1) - x.sum(1)).square().mean()
        return (loss * float("nan") if index == poison_at else loss), {"half": loss.item() / 2}

    def validate(module: nn.Module) -> Metrics:
        x = torch.randn(32, 4, generator=torch.Generator().manual_seed(10**6))
        with torch.no_grad():
            return {"score": -float((module(x).squeeze(1) - x.sum(1)).square().mean())}

    options = {"steps": 12, "warmup_steps": 2, "validate_every": 4, "checkpoint_interval_s": 0} | options
    return Loop(model, optimizer, step=step, validate=validate, folder=folder, **options)


class StepClock:
    """A clock whose every reading is one second later than the last."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def contrast() -> dict[str, Any]:
    """Loss and gradient of a model whose loss compares all rows of the joined batch with each other."""
    torch.manual_seed(rank())  # different on purpose: the engine must synchronise the processes
    model = nn.Linear(3, 2, bias=False)

    def step(index: int) -> tuple[Tensor, Metrics]:
        rows = gathered(model(torch.arange(12.0).reshape(4, 3)[shard(4)]))
        return (rows @ rows.T).tanh().sum(), {}

    shared = data_parallel(model, step)
    loss, _ = shared(0)
    loss.backward()  # type: ignore[no-untyped-call]
    assert model.weight.grad is not None
    return {"loss": loss.item(), "gradient": model.weight.grad.tolist()}


def main(folder: Path, options: dict[str, Any]) -> None:
    """Run the tiny run; with several processes each also writes its final state."""
    torch.set_num_threads(1)
    loop = make_loop(folder, **options)
    loop.clock = StepClock()
    result: dict[str, Any] = {"best": loop.run()}
    if world_size() > 1:
        weights = {name: tensor.tolist() for name, tensor in loop.model.state_dict().items()}
        result |= {"weights": weights, "contrast": contrast()}
        (folder / f"rank{rank()}.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
