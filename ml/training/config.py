"""Typed settings: a frozen dataclass a system, whose fields carry their documentation; `--set key=value` overrides."""

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
    """A dataclass field with a default and the sentence that `--help` and the studio's form show."""
    return dataclasses.field(default=default, metadata={"help": text})


def with_overrides(config: Config, assignments: Sequence[str]) -> Config:
    """`config` with `key=value` assignments applied, each parsed to its field's type.

    Raises ConfigError naming `--set key` for an unknown key or a value of the wrong type; the dataclass's own
    `__post_init__` refuses contradictions.
    """
    types = get_type_hints(type(config))
    known = {field.name for field in dataclasses.fields(config)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, separator, text = assignment.partition("=")
        key = RENAMED.get(key, key)
        if not separator or key not in known:
            raise ConfigError(f"--set {key}", f"unknown; one of {', '.join(sorted(known))} as key=value")
        values[key] = _parsed(key, text, types[key])
    return dataclasses.replace(config, **values)  # type: ignore[type-var]


def _parsed(key: str, text: str, wanted: Any) -> Any:
    if get_origin(wanted) in (Union, UnionType):
        if text.lower() in ("", "none"):
            return None
        wanted = next(option for option in get_args(wanted) if option is not type(None))
    if get_origin(wanted) is Literal:
        if text not in get_args(wanted):
            raise ConfigError(f"--set {key}", f"{text!r} is not one of {', '.join(get_args(wanted))}")
        return text
    if get_origin(wanted) is tuple:  # of any length, its parts of one type: skip=1,2
        return tuple(_parsed(key, part, get_args(wanted)[0]) for part in text.split(",") if part)
    if wanted is bool:
        if text.lower() not in ("true", "false"):
            raise ConfigError(f"--set {key}", f"{text!r} is not true or false")
        return text.lower() == "true"
    if wanted in (int, float, str, Path):
        try:
            return wanted(text)
        except ValueError:
            raise ConfigError(f"--set {key}", f"{text!r} is not a valid {wanted.__name__}") from None
    raise ConfigError(f"--set {key}", f"cannot be set from the command line ({wanted})")


def as_json(config: Any) -> Mapping[str, Any]:
    """The settings as JSON-able values, for result files and model cards."""
    return {
        field.name: str(value) if isinstance(value := getattr(config, field.name), Path) else value
        for field in dataclasses.fields(config)
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class BaseConfig:
    """The settings that every research system shares. A system's own class inherits it and changes defaults."""

    seed: int = documented(0, "seed of sampling, augmentation and initialisation")
    steps: int = documented(1000, "optimiser steps, at most")
    batch_size: int = documented(128, "examples a step, over all processes")
    optimizer: OptimizerName = documented("adamw", "adamw or sgd")
    learning_rate: float = documented(1e-3, "base learning rate")
    momentum: float = documented(0.9, "momentum of sgd")
    weight_decay: float = documented(5e-4, "weight decay")
    schedule: ScheduleName = documented("cosine", "cosine, step or constant")
    warmup: float = documented(0.02, "share of the steps over which the rate rises linearly")
    grad_clip_norm: float | None = documented(5.0, "largest norm of the gradient; none for no clipping")
    ema_decay: float | None = documented(0.99, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(100, "steps between validations")
    patience: int | None = documented(
        None, "validations without a better score before the run stops; none: never"
    )
    final: bool = documented(False, "train on train + val, without validation, for the steps chosen before")
    precision: Precision = documented("auto", PRECISION_HELP)
    channels_last: bool = documented(True, "channels-last memory, which bf16 convolutions want")
    checkpoint_interval_s: float = documented(
        120.0, "seconds between checkpoints, the most that a kill costs"
    )

    def __post_init__(self) -> None:
        """Raises ConfigError naming a setting that is out of range or contradicts another."""
        for name in ("steps", "batch_size", "validate_every"):
            if getattr(self, name) < 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be at least 1")
        for name in ("momentum", "warmup", "ema_decay"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise ConfigError(name, f"{value}, must be in [0, 1)")
        for name in ("learning_rate", "grad_clip_norm", "patience"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ConfigError(
                    name, f"{value}, must be above 0" + ("; none is off" if name != "learning_rate" else "")
                )
        for name in ("seed", "weight_decay", "checkpoint_interval_s"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        if self.final and self.patience is not None:
            raise ConfigError("patience", "contradicts final=true, which trains on the validation split")
