"""The training loop of every system: steps, schedule, averaged weights, checkpoints, metrics, progress."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.errors import SketchfindError
from ml.training import distributed
from ml.training.checkpoint import load_checkpoint, restore_optimizer, save_checkpoint, sweep
from ml.training.config import BaseConfig, Precision, ScheduleName
from ml.training.device import pick_device
from ml.training.precision import chosen
from ml.training.progress import progress_bar
from ml.training.run_files import append_row, drop_rows, write_plan
from ml.training.schedule import Schedule, named_schedule
from ml.training.seeding import seed_step
from ml.training.watch import Cancelled, current_watch

Metrics = dict[str, float]
CHECKPOINT = "checkpoint.safetensors"


class DivergedError(SketchfindError):
    """The loss or its gradient became NaN or infinite."""


@dataclass
class Loop:
    """A resumable run of `steps` optimiser steps.

    `step` computes the loss of one batch and its parts for the log. Its randomness must depend only on the step number,
    so that a resumed run repeats the loss curve of an uninterrupted one (torch's global generator is seeded with `seed`
    and the step, which covers dropout). `model` contains every parameter that the optimiser trains.

    `validate` runs on the averaged weights every `validate_every` steps and at the end. Its `score`, larger is better,
    selects the best weights, and the run stops early after `patience` validations without improvement. Without
    `validate`, the last weights are kept.

    Under torchrun, each process computes its part of the batch, and rank 0 validates, writes and calls the hooks.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    steps: int
    step: Callable[[int], tuple[Tensor, Metrics]]
    validate: Callable[[nn.Module], Metrics] | None
    folder: Path
    warmup_steps: int = 50
    validate_every: int = 500
    checkpoint_interval_s: float = 120.0
    ema_decay: float | None = 0.99  # of the weights' moving average; None trains without one
    average_from: float = 0.3  # share of the steps after which averaging starts
    title: str = "training"
    schedule: ScheduleName | Schedule = "cosine"
    grad_clip_norm: float | None = 5.0  # maximum norm of the gradient
    patience: int | None = None  # validations
    seed: int = 0
    precision: Precision = "fp32"  # of `step`, for the run's record
    batch_name: Callable[[int], str] | None = None  # describes a step's batch in the error of a diverged run
    on_row: Callable[[Mapping[str, Any]], None] | None = None  # called with each new row of metrics.jsonl
    cancelled: Callable[[], bool] | None = None  # called after every step; true stops the run
    clock: Callable[[], float] = time.monotonic
    minutes: float = field(default=0.0, init=False)  # trained so far, including before interruptions
    _done: int = field(default=0, init=False)  # steps
    _ended: bool = field(default=False, init=False)
    _stale: int = field(default=0, init=False)  # validations since the last improvement
    _best: Metrics = field(default_factory=dict, init=False)
    _best_weights: dict[str, Tensor] | None = field(default=None, init=False)
    _averaged: AveragedModel | None = field(default=None, init=False)

    @classmethod
    def of(
        cls,
        config: BaseConfig,
        *,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        step: Callable[[int], tuple[Tensor, Metrics]],
        validate: Callable[[nn.Module], Metrics] | None,
        folder: Path,
        **more: Any,
    ) -> "Loop":
        """Return a loop with the shared settings; `more` adds or overrides fields."""
        options: dict[str, Any] = {
            "steps": config.steps,
            "warmup_steps": round(config.warmup * config.steps),
            "validate_every": config.validate_every,
            "checkpoint_interval_s": config.checkpoint_interval_s,
            "ema_decay": config.ema_decay,
            "schedule": config.schedule,
            "grad_clip_norm": config.grad_clip_norm,
            "patience": config.patience,
            "seed": config.seed,
            "precision": config.precision,
        }
        return cls(model, optimizer, step=step, validate=validate, folder=folder, **(options | more))

    def run(self) -> Metrics:
        """Train to the last step, resuming from the folder's checkpoint if there is one. Returns the best validation.

        Afterwards the model has the best averaged weights, in every process. Raises DivergedError naming the step and the
        batch, and Cancelled after saving a checkpoint.
        """
        self.on_row = self.on_row or current_watch().on_row
        self.cancelled = self.cancelled or current_watch().cancelled
        self.folder.mkdir(parents=True, exist_ok=True)
        rates = [group["lr"] for group in self.optimizer.param_groups]
        schedule = self.schedule
        if isinstance(schedule, str):
            schedule = named_schedule(schedule, self.steps, self.warmup_steps)
        forward = distributed.data_parallel(self.model, self.step)
        self._restore()
        started = saved_at = self.clock()
        trained_before = self.minutes
        for index in self._steps_left():
            for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * schedule(index)
            loss, parts, cancelled = self._update(index, forward)
            self._average(index)
            row: dict[str, Any] = {"step": index, "loss": loss, "time": time.time(), **parts}
            self._done = index + 1
            last = self._done == self.steps
            if last or (self.validate is not None and self._done % self.validate_every == 0):
                row |= self._validated()
            self._ended |= last
            self._log(row)
            now = self.clock()
            self.minutes = trained_before + (now - started) / 60
            if self._ended or cancelled or now - saved_at > self.checkpoint_interval_s:
                self._save()
                saved_at = self.clock()
            if cancelled and not self._ended:
                raise Cancelled(
                    f"{self.title}: cancelled after step {index}; run again to resume from {self.folder}"
                )
        if self._best_weights is not None:
            self.model.load_state_dict(self._best_weights)
        distributed.broadcast_weights(self.model)
        return self._best

    def _update(self, index: int, forward: distributed.Step) -> tuple[float, Metrics, bool]:
        """Do one optimiser step. Returns the loss and its parts, as means over the processes, and whether to stop."""
        self.model.train()
        seed_step(self.seed, index)
        loss, parts = forward(index)
        requested = distributed.is_main() and self.cancelled is not None and self.cancelled()
        values = torch.tensor(
            [loss.item(), requested, *parts.values()], dtype=torch.float64, device=loss.device
        )
        values = distributed.mean_over_ranks(values)
        if not torch.isfinite(values[0]):
            raise self._diverged(index, f"the loss is {loss.item()} ({parts})")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.grad_clip_norm is not None:
            norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.grad_clip_norm)
            if not torch.isfinite(norm):
                raise self._diverged(
                    index, f"the loss is {loss.item()}, the norm of its gradient is {norm.item()}"
                )
        self.optimizer.step()
        mean_loss, stop, *means = values.tolist()
        return mean_loss, dict(zip(parts, means, strict=True)), stop > 0

    def _diverged(self, index: int, found: str) -> DivergedError:
        batch = f" on batch {self.batch_name(index)}" if self.batch_name else ""
        return DivergedError(f"step {index}", f"{found}{batch}; lower the learning rate")

    def _average(self, index: int) -> None:
        if self._averaged is None:
            return
        if index >= self.average_from * self.steps:
            self._averaged.update_parameters(self.model)
        else:
            self._averaged.module.load_state_dict(self.model.state_dict())

    def _validated(self) -> Metrics:
        """Validate, keep the best weights, and end the run if patience is exhausted. Returns columns for the log."""
        module: nn.Module = self.model if self._averaged is None else self._averaged.module
        metrics: Metrics = {}
        if self.validate is not None:
            if distributed.is_main():
                module.eval()
                metrics = self.validate(module)
            metrics = distributed.from_main(metrics)
        score, best = (metrics["score"] if self.validate else math.inf), self._best.get("score", -math.inf)
        self._stale = 0 if score > best else self._stale + 1
        self._ended = self.patience is not None and self._stale >= self.patience
        if score >= best:
            self._best = {**metrics, "step": float(self._done)}
            self._best_weights = {name: value.clone() for name, value in module.state_dict().items()}
        return {f"val/{name}": value for name, value in metrics.items()}

    def _restore(self) -> None:
        """Load the folder's checkpoint if there is one, and record the plan of the run."""
        if self.ema_decay is not None:
            update = get_ema_multi_avg_fn(self.ema_decay)  # type: ignore[no-untyped-call]
            self._averaged = AveragedModel(self.model, multi_avg_fn=update, use_buffers=True)
        if (self.folder / CHECKPOINT).exists():
            state = load_checkpoint(self.folder / CHECKPOINT)
            self.model.load_state_dict(state["model"])
            restore_optimizer(self.optimizer, state["optimizer"])
            if self._averaged is not None:
                self._averaged.load_state_dict(state["average"])
            self._done, self._best, self._best_weights = state["step"], state["best"], state["best_weights"]
            self._stale, self.minutes = state.get("stale", 0), state.get("minutes", 0.0)
            self._ended = state.get("ended", False) or self._done >= self.steps
        if distributed.is_main():
            sweep(self.folder)
            drop_rows(self.folder, since=self._done)
            used = chosen(self.precision, pick_device())
            write_plan(self.folder, title=self.title, steps=self.steps, used=used)

    def _save(self) -> None:
        if distributed.is_main():
            state = {
                "model": self.model.state_dict(),
                "average": None if self._averaged is None else self._averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self._done,
                "best": self._best,
                "best_weights": self._best_weights,
                "stale": self._stale,
                "ended": self._ended,
                "minutes": self.minutes,
                "precision": chosen(self.precision, pick_device()).precision,
            }
            save_checkpoint(self.folder / CHECKPOINT, state)

    def _log(self, row: Mapping[str, Any]) -> None:
        if distributed.is_main():
            append_row(self.folder, row)
            if self.on_row is not None:
                self.on_row(row)

    def _steps_left(self) -> Iterator[int]:
        """Yield the numbers of the remaining steps, with a progress bar, until the run has ended."""
        with progress_bar(self.title, self.steps, self._done, shown=distributed.is_main()) as advance:
            while not self._ended:
                yield self._done
                advance()
