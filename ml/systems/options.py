"""The options of training: systems, dataset formats, profiles and settings, from the registry. Imports no torch.

A system is listed once for each kind of dataset with separate settings; `name` and `formats` distinguish them.
"""

import dataclasses
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

from ml.systems.registry import SYSTEMS, System

FieldType = Literal["int", "float", "bool", "text", "choice", "list", "snapshot", "snapshots"]

# Folders of the training machine instead of registered data; users of the site cannot name them.
_NOT_OFFERED = frozenset({"base", "more", "pretraining", "teacher", "warm_start", "word_vectors"})
_NAMES_DATASETS = frozenset({"also"})  # values FORMAT:PATH


class Field(TypedDict):
    """One setting. `default` is the profile's; an `optional` setting may be null."""

    name: str
    type: FieldType
    item: str  # type of the items of a list, or else empty
    optional: bool
    default: Any
    help: str
    choices: list[str] | None
    format_field: str  # the setting that holds a snapshot's format, if any


class Profile(TypedDict):
    """A profile of a system. Models that are not servable are measured on the test split instead."""

    name: str
    servable: bool  # whether its models can answer searches
    base_model: bool  # whether it starts from a registered model
    fields: list[Field]


class SystemOptions(TypedDict):
    """A system, with the dataset formats that its profiles are for."""

    name: str
    formats: list[str]
    servable: bool  # whether one of its profiles is servable
    profiles: list[Profile]


def all_options() -> list[SystemOptions]:
    """Return every system with its profiles and settings, servable ones first."""
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
    implied = {f"{name}_format" for name in names}  # a snapshot has a known format
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
    """Return the form's type of a setting, and the type of the items of a list."""
    plain: dict[Any, FieldType] = {bool: "bool", int: "int", float: "float", str: "text", Path: "snapshot"}
    if name in _NAMES_DATASETS:
        return "snapshots", ""
    if get_origin(wanted) is Literal:
        return "choice", ""
    if get_origin(wanted) is tuple:
        return "list", plain[get_args(wanted)[0]]
    return plain[wanted], ""
