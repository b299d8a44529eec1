"""What may be trained on what, with every setting. The site, which has no torch at hand, reads it from options.json.

A system is listed once for each kind of dataset that gives it settings of its own; `format` and `name` tell them apart.
"""

import dataclasses
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

OPTIONS = Path(__file__).with_name("options.json")
PAIRS = ("qmul-v1", "qmul-v2", "sketchy", "snapshot")
DRAWINGS = ("quickdraw", "tu-berlin", "sketchy")
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


@dataclasses.dataclass(frozen=True)
class _Entry:
    name: str
    formats: tuple[str, ...]
    modules: tuple[str, ...]  # of ml.systems; each has PROFILES


_SERVABLE = frozenset({"sketchfind_release", "sketchfind_fine_tune_config"})
_ENTRIES = (
    _Entry("sketchfind", ("catalogue",), ("sketchfind_release",)),
    _Entry("sketchfind", PAIRS, ("sketchfind_fine_tune_config", "sketchfind_pairs")),
    _Entry("triplet-san", PAIRS, ("triplet_san_config",)),
    _Entry("dssa", PAIRS, ("dssa_config",)),
    _Entry("gdh", PAIRS, ("gdh_config",)),
    _Entry("sketchmate", DRAWINGS, ("sketchmate_config",)),
    _Entry("dlbhc", DRAWINGS, ("deep_hashing",)),
    _Entry("dsh-supervised", DRAWINGS, ("deep_hashing",)),
    _Entry("dsh-sketch", DRAWINGS, ("deep_hashing",)),
)


def all_options() -> list[SystemOptions]:
    """Every system with its profiles and settings, from the systems' own classes."""
    return [_options_of(entry) for entry in _ENTRIES]


def write_options() -> Path:
    """Refresh options.json, a line a setting; its path."""
    text = json.dumps(all_options(), ensure_ascii=False, separators=(",", ":"))
    OPTIONS.write_text(text.replace('{"name"', '\n{"name"').lstrip("\n") + "\n", encoding="utf-8")
    return OPTIONS


def _options_of(entry: _Entry) -> SystemOptions:
    profiles = [profile for module in entry.modules for profile in _profiles_of(module)]
    servable = any(profile["servable"] for profile in profiles)
    return {"name": entry.name, "formats": list(entry.formats), "servable": servable, "profiles": profiles}


def _profiles_of(module: str) -> list[Profile]:
    profiles: Mapping[str, Any] = importlib.import_module(f"ml.systems.{module}").PROFILES
    return [
        {
            "name": name,
            "servable": module in _SERVABLE,
            "base_model": any(field.name == "base" for field in dataclasses.fields(config)),
            "fields": _fields(config),
        }
        for name, config in profiles.items()
    ]


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
        "format_field": told if (told := f"{field.name}_format") in names else "",
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
