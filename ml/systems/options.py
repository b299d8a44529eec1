"""What may be trained on what, with every setting, from the registry and the systems' settings. Imports no torch.

A system is listed once for each kind of dataset that gives it settings of its own; `formats` and `name` tell them apart.
"""

import dataclasses
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

from ml.systems.registry import SYSTEMS, System

FieldType = Literal["int", "float", "bool", "text", "choice", "list", "snapshot", "snapshots"]

# Folders of the training machine, no registered data: nobody outside it can name them.
_NOT_OFFERED = frozenset({"base", "pretraining", "warm_start", "word_vectors"})
_NAMES_DATASETS = frozenset({"also"})  # texts that are FORMAT:PATH


class Field(TypedDict):
    """One setting. `default` is the profile's; `optional` ones may be null."""

    name: str
    type: FieldType
    item: str  # of a list: the type of its items, else empty
    optional: bool
    default: Any
    help: str
    choices: list[str] | None
    format_field: str  # of a snapshot: the setting that its format goes to, if any


class Profile(TypedDict):
    name: str
    servable: (
        bool  # whether what it trains can answer searches; what cannot is measured on the test split instead
    )
    base_model: bool  # whether it starts from a registered model
    fields: list[Field]


class SystemOptions(TypedDict):
    """A system on the formats that its profiles are for."""

    name: str
    formats: list[str]
    servable: bool  # whether one of its profiles is
    profiles: list[Profile]


def all_options() -> list[SystemOptions]:
    """Every system with its profiles and settings, those that can be served first."""
    return [_options_of(row) for row in sorted(SYSTEMS, key=lambda row: not row.servable)]


def _options_of(row: System) -> SystemOptions:
    profiles: list[Profile] = [
        {
            "name": name,
            "servable": row.servable,
            "base_model": any(field.name == "base" for field in dataclasses.fields(config)),
            "fields": _fields(config),
        }
        for name, config in row.profiles.items()
    ]
    return {
        "name": row.name,
        "formats": list(row.formats),
        "servable": row.servable,
        "profiles": profiles,
    }


def _fields(config: Any) -> list[Field]:
    types = get_type_hints(type(config))
    names = {field.name for field in dataclasses.fields(config)}
    implied = {f"{name}_format" for name in names}  # a snapshot knows its format
    return [
        _field(field, types[field.name], getattr(config, field.name), names)
        for field in dataclasses.fields(config)
        if field.name not in _NOT_OFFERED | implied
    ]


def _field(field: Any, wanted: Any, default: Any, names: set[str]) -> Field:
    optional = get_origin(wanted) in (Union, UnionType)
    if optional:
        wanted = next(option for option in get_args(wanted) if option is not type(None))
    kind, item = _kind(field.name, wanted)
    return {
        "name": field.name,
        "type": kind,
        "item": item,
        "optional": optional,
        "default": list(default) if isinstance(default, tuple) else default,
        "help": field.metadata.get("help", ""),
        "choices": list(get_args(wanted)) if kind == "choice" else None,
        "format_field": implied if (implied := f"{field.name}_format") in names else "",
    }


def _kind(name: str, wanted: Any) -> tuple[FieldType, str]:
    """How the form asks for a setting of a type, and for a list of what."""
    plain: dict[Any, FieldType] = {bool: "bool", int: "int", float: "float", str: "text", Path: "snapshot"}
    if name in _NAMES_DATASETS:
        return "snapshots", ""
    if get_origin(wanted) is Literal:
        return "choice", ""
    if get_origin(wanted) is tuple:
        return "list", plain[get_args(wanted)[0]]
    return plain[wanted], ""
