"""Typed settings: a frozen dataclass a system, whose fields carry their documentation; `--set key=value` overrides."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ml.errors import ConfigError

Config = TypeVar("Config")


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
        if not separator or key not in known:
            raise ConfigError(f"--set {key}", f"unknown; one of {', '.join(sorted(known))} as key=value")
        values[key] = _parsed(key, text, types[key])
    return dataclasses.replace(config, **values)  # type: ignore[type-var]


def _parsed(key: str, text: str, wanted: Any) -> Any:
    if get_origin(wanted) is Union or str(get_origin(wanted)) == "<class 'types.UnionType'>":
        if text.lower() in ("", "none"):
            return None
        wanted = next(option for option in get_args(wanted) if option is not type(None))
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
