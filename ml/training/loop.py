"""The loop that every system trains by: steps, schedule, average of weights, checkpoints, metrics, progress."""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.errors import SketchfindError
from ml.training.checkpoint import load_checkpoint, save_checkpoint

Metrics = dict[str, float]


class DivergedError(SketchfindError):
    """The loss became NaN or infinite."""


@dataclass
class Loop:
    """A resumable run of `steps` optimiser steps.

    `step` computes the loss of one batch and its parts for the log; it must draw everything random from the step
    number, so that a resumed run repeats the loss curve of an uninterrupted one. `validate` runs every
    `validate_every` steps on the averaged weights and at the end; its `score` selects the best weights.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    steps: int
    step: Callable[[int], tuple[Tensor, Metrics]]
    validate: Callable[[nn.Module], Metrics]
    folder: Path
    warmup_steps: int = 50
    validate_every: int = 500
    checkpoint_interval_s: float = 120.0
    average_decay: float = 0.99
    average_from: float = 0.3
    title: str = "training"

    def run(self) -> Metrics:
        """Train to the last step, resuming from the folder's checkpoint if there is one. Returns the best validation.

        The model holds the best averaged weights afterwards.
        """
        update = get_ema_multi_avg_fn(self.average_decay)  # type: ignore[no-untyped-call]
        average = AveragedModel(self.model, multi_avg_fn=update, use_buffers=True)
        base_rates = [group["lr"] for group in self.optimizer.param_groups]
        start, best, best_weights = 0, {"score": -math.inf}, None
        checkpoint = self.folder / "checkpoint.safetensors"
        if checkpoint.exists():
            state = load_checkpoint(checkpoint)
            self.model.load_state_dict(state["model"])
            average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
            start, best, best_weights = state["step"], state["best"], state["best_weights"]
            self._truncate_metrics(start)
        self.folder.mkdir(parents=True, exist_ok=True)
        saved_at = time.monotonic()
        for index in self._progress(start):
            for group, rate in zip(self.optimizer.param_groups, base_rates, strict=True):
                group["lr"] = rate * self._rate(index)
            self.model.train()
            loss, parts = self.step(index)
            if not torch.isfinite(loss):
                raise DivergedError(
                    f"step {index}", f"the loss is {loss.item()} ({parts}); lower the learning rate"
                )
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
            self.optimizer.step()
            if index >= self.average_from * self.steps:
                average.update_parameters(self.model)
            else:
                average.module.load_state_dict(self.model.state_dict())
            row: dict[str, Any] = {"step": index, "loss": loss.item(), "time": time.time(), **parts}
            last = index + 1 == self.steps
            if last or (index + 1) % self.validate_every == 0:
                average.eval()
                metrics = self.validate(average.module)
                row |= {f"val/{name}": value for name, value in metrics.items()}
                if metrics["score"] >= best["score"]:
                    best = {**metrics, "step": float(index + 1)}
                    best_weights = {k: v.clone() for k, v in average.module.state_dict().items()}
            self._log(row)
            if last or time.monotonic() - saved_at > self.checkpoint_interval_s:
                state = {"model": self.model.state_dict(), "average": average.state_dict(), "step": index + 1}
                state |= {
                    "optimizer": self.optimizer.state_dict(),
                    "best": best,
                    "best_weights": best_weights,
                }
                save_checkpoint(checkpoint, state)
                saved_at = time.monotonic()
        assert best_weights is not None
        self.model.load_state_dict(best_weights)
        return best

    def _rate(self, index: int) -> float:
        """Linear warm-up, then a cosine to zero."""
        if index < self.warmup_steps:
            return (index + 1) / self.warmup_steps
        return 0.5 + 0.5 * math.cos(
            math.pi * (index - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        )

    def _progress(self, start: int) -> Iterator[int]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as progress:
            yield from progress.track(range(start, self.steps), self.steps, start, description=self.title)

    def _log(self, row: dict[str, Any]) -> None:
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def _truncate_metrics(self, start: int) -> None:
        """Drop the rows that came after the checkpoint: the resumed run writes them again."""
        path = self.folder / "metrics.jsonl"
        if path.exists():
            rows = [
                line
                for line in path.read_text().splitlines(keepends=True)
                if json.loads(line)["step"] < start
            ]
            path.write_text("".join(rows))
