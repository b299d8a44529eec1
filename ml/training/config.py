"""Typed settings: one frozen dataclass per system, with documented fields; `--set key=value` overrides them."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ml.errors import ConfigError
from ml.training.renamed import RENAMED

Config = TypeVar("Config")
Precision = Literal["auto", "bf16", "fp32"]
OptimizerName = Literal["adamw", "sgd"]
ScheduleName = Literal["cosine", "step", "constant"]
PRECISION_HELP = "fp32, bf16 (autocast), or auto: bf16 where the GPU or the processor computes it faster"


def documented(default: Any, text: str) -> Any:
    """Return a dataclass field with a default and a help text, which `options` and the studio's form show."""
    return dataclasses.field(default=default, metadata={"help": text})


def with_overrides(config: Config, assignments: Sequence[str]) -> Config:
    """Return `config` with `key=value` assignments applied, each parsed to its field's type.

    Raises ConfigError naming `--set key` on an unknown key or a value of the wrong type; the dataclass's
    `__post_init__` rejects contradictions.
    """
    types = get_type_hints(type(config))
    known = {field.name for field in dataclasses.fields(config)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, separator, text = assignment.partition("=")
        key = RENAMED.get(key, key)
        if not separator or key not in known:
            raise ConfigError(
                f"--set {key}", f"unknown; expected one of {', '.join(sorted(known))} as key=value"
            )
        values[key] = _parsed(key, text, types[key])
    return dataclasses.replace(config, **values)  # type: ignore[type-var]


def _parsed(key: str, text: str, wanted: Any) -> Any:
    if get_origin(wanted) in (Union, UnionType):
        if text.lower() in ("", "none"):
            return None
        wanted = next(option for option in get_args(wanted) if option is not type(None))
    if get_origin(wanted) is Literal:
        if text not in get_args(wanted):
            raise ConfigError(f"--set {key}", f"{text!r}, expected one of {', '.join(get_args(wanted))}")
        return text
    if get_origin(wanted) is tuple:  # of any length, with parts of one type: skip=1,2
        return tuple(_parsed(key, part, get_args(wanted)[0]) for part in text.split(",") if part)
    if wanted is bool:
        if text.lower() not in ("true", "false"):
            raise ConfigError(f"--set {key}", f"{text!r}, expected true or false")
        return text.lower() == "true"
    if wanted in (int, float, str, Path):
        try:
            return wanted(text)
        except ValueError:
            raise ConfigError(f"--set {key}", f"{text!r} is not a valid {wanted.__name__}") from None
    raise ConfigError(f"--set {key}", f"cannot be set from the command line ({wanted})")


def as_json(config: Any) -> Mapping[str, Any]:
    """Return the settings as JSON values, for result files and model cards."""
    return {field.name: _as_json(getattr(config, field.name)) for field in dataclasses.fields(config)}


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return str(value) if isinstance(value, Path) else value


@dataclasses.dataclass(frozen=True, kw_only=True)
class BaseConfig:
    """Shared settings of the research systems. A system's class inherits from it and changes defaults."""

    seed: int = documented(0, "seed of sampling, augmentation and initialisation")
    steps: int = documented(1000, "optimiser steps, at most")
    batch_size: int = documented(128, "examples per step, over all processes")
    optimizer: OptimizerName = documented("adamw", "optimiser: adamw or sgd")
    learning_rate: float = documented(1e-3, "base learning rate")
    momentum: float = documented(0.9, "momentum of SGD")
    weight_decay: float = documented(5e-4, "weight decay")
    schedule: ScheduleName = documented("cosine", "learning-rate schedule: cosine, step or constant")
    warmup: float = documented(0.02, "share of the steps with linear warm-up of the learning rate")
    grad_clip_norm: float | None = documented(5.0, "maximum norm of the gradient; none for no clipping")
    ema_decay: float | None = documented(0.99, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(100, "steps between validations")
    patience: int | None = documented(
        None, "validations without improvement after which the run stops; none: never"
    )
    final: bool = documented(False, "also train on the validation split, without validation")
    precision: Precision = documented("auto", PRECISION_HELP)
    channels_last: bool = documented(
        True, "channels-last memory layout, which is faster for bf16 convolutions"
    )
    loader_threads: int | None = documented(
        None, "threads that prepare batches; none: 1 on a CPU, which they would share, up to 8 beside a GPU"
    )
    checkpoint_interval_s: float = documented(
        120.0, "seconds between checkpoints, which limit what a killed run loses"
    )

    def __post_init__(self) -> None:
        """Raise ConfigError naming a setting that is out of range or contradicts another."""
        for name in ("steps", "batch_size", "validate_every"):
            if getattr(self, name) < 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be at least 1")
        for name in ("momentum", "warmup", "ema_decay"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise ConfigError(name, f"{value}, must be in [0, 1)")
        for name in ("learning_rate", "grad_clip_norm", "patience", "loader_threads"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ConfigError(
                    name,
                    f"{value}, must be above 0" + ("; none disables it" if name != "learning_rate" else ""),
                )
        for name in ("seed", "weight_decay", "checkpoint_interval_s"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        if self.final and self.patience is not None:
            raise ConfigError("patience", "contradicts final=true, which trains on the validation split")
