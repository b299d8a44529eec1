"""A run's settings: validated when it is requested, and complete, including defaults, when it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ml.errors import ConfigError
from webapp.registry import ml_gateway
from webapp.registry.ml_gateway import Profile
from webapp.registry.models import DatasetSnapshot, TrainingRun

_TEXT_MAX = 200
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "text": "a text"}


def settings_validate(profile: Profile, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what in `config` differs from the profile, converted. Raises ConfigError naming `config.<name>`.

    Contradictions between settings are left to the system, which checks them before it trains.
    """
    fields = {field["name"]: field for field in profile["fields"]}
    validated = {}
    for name, value in ml_gateway.current_names(config).items():
        if name not in fields:
            raise ConfigError(f"config.{name}"[:80], f"unknown; one of {', '.join(sorted(fields))}")
        if (found := _validate(f"config.{name}", fields[name], value)) != fields[name]["default"]:
            validated[name] = found
    return validated


def full_settings(run: TrainingRun) -> dict[str, Any]:
    """Return every setting of a run by name: its profile's, overridden by its own."""
    try:
        profile = ml_gateway.profile_of(run.system, run.snapshot.format, run.profile)
    except ConfigError:  # this version no longer has the system
        return dict(run.config)
    defaults = {field["name"]: field["default"] for field in profile["fields"]}
    return defaults | ml_gateway.current_names(run.config)


def _validate(path: str, field: Mapping[str, Any], value: Any) -> Any:
    kind = field["type"]
    if value is None or value == "":
        if field["optional"]:
            return None
        raise ConfigError(path, "must not be empty")
    if kind == "choice":
        if value not in field["choices"]:
            raise ConfigError(path, f"{value!r} is not one of {', '.join(field['choices'])}")
        return value
    if kind == "snapshot":
        return _snapshot(path, value)
    if kind in ("list", "snapshots"):
        if not isinstance(value, list) or len(value) > _TEXT_MAX:
            raise ConfigError(path, "expected a list of at most 200 items")
        one = _snapshot if kind == "snapshots" else lambda at, item: _plain(at, field["item"], item)
        return [one(f"{path}[{place}]", item) for place, item in enumerate(value)]
    return _plain(path, kind, value)


def _plain(path: str, kind: str, value: Any) -> Any:
    """Return a number, boolean or text; whole numbers are accepted as floats."""
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53,
        "float": isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
        "bool": isinstance(value, bool),
        "text": isinstance(value, str) and len(value) <= _TEXT_MAX and value.isprintable(),
    }
    if not fits[kind]:
        raise ConfigError(path, f"{value!r:.60} is not {_WORDS[kind]}")
    return float(value) if kind == "float" else value


def _snapshot(path: str, value: Any) -> int:
    known = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    if not known or not DatasetSnapshot.objects.filter(pk=value).exists():
        raise ConfigError(path, f"{value!r:.60} is not the id of a registered dataset")
    return int(value)
