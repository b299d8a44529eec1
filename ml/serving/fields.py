"""Typed reads from a decoded model.json. Each raises ModelError naming the key."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

from ml.errors import ConfigError, ModelError
from ml.sketch.raster import RasterSpec

MANIFEST = "model.json"
Precision = Literal["fp32", "int8"]


def read_object(folder: Path) -> dict[str, Any]:
    """Return the decoded manifest of a model folder."""
    try:
        raw = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise ModelError(str(folder / MANIFEST), "missing; the folder is not a model") from None
    except ValueError as error:
        raise ModelError(str(folder / MANIFEST), f"not JSON: {error}") from None
    return as_object(raw)


def as_object(raw: object) -> dict[str, Any]:
    """Return a decoded manifest, which must be an object."""
    if not isinstance(raw, dict):
        raise ModelError(MANIFEST, "expected an object")
    return raw


def get(raw: dict[str, Any], key: str, kind: type) -> Any:
    """Return a value of a type."""
    if not isinstance(raw.get(key), kind):
        raise ModelError(f"{MANIFEST}.{key}", f"missing or not of type {kind.__name__}")
    return raw[key]


def positive(raw: dict[str, Any], key: str) -> int:
    """Return a number from 1 to 65536."""
    value: int = get(raw, key, int)
    if not 0 < value <= 65_536:
        raise ModelError(f"{MANIFEST}.{key}", f"{value}, must be between 1 and 65536")
    return value


def number_in(raw: dict[str, Any], key: str, least: float, most: float, *, place: str = MANIFEST) -> float:
    """Return a number in [least, most]."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ModelError(f"{place}.{key}", f"{value!r}, expected a number between {least} and {most}")
    return float(value)


def raster(raw: dict[str, Any]) -> RasterSpec:
    """Return the frame of sketches, under the key `raster`."""
    values = get(raw, "raster", dict)
    known = {field.name for field in fields(RasterSpec)}
    if unknown := set(values) - known:
        raise ModelError(
            f"{MANIFEST}.raster",
            f"unknown keys {sorted(unknown)}; the model needs another version of the rasteriser",
        )
    try:
        return RasterSpec(**values)
    except (ConfigError, TypeError) as error:
        raise ModelError(f"{MANIFEST}.raster", str(error)) from None


def precision(raw: dict[str, Any]) -> Precision:
    """Return which of the two ONNX files serves, under the key `precision`."""
    value: Precision = get(raw, "precision", str)
    if value not in ("fp32", "int8"):
        raise ModelError(f"{MANIFEST}.precision", f"{value!r}, must be fp32 or int8")
    return value


def files(raw: dict[str, Any], needed: str) -> dict[str, str]:
    """Return name -> SHA-256 of the model's files, under the key `files`. needed: the file that serves."""
    found: dict[str, str] = get(raw, "files", dict)
    for name, digest in found.items():
        if Path(name).name != name or name.startswith("."):
            raise ModelError(f"{MANIFEST}.files", f"{name!r}, expected a plain file name")
        if not isinstance(digest, str) or len(digest) != 64:
            raise ModelError(f"{MANIFEST}.files.{name}", "expected a SHA-256 in hex")
    if needed not in found:
        raise ModelError(f"{MANIFEST}.files", f"no {needed}, which precision requires")
    return found


def card(raw: dict[str, Any]) -> str:
    """Return the file name of the model card."""
    name = str(raw.get("card", "CARD.md"))
    if Path(name).name != name:
        raise ModelError(f"{MANIFEST}.card", f"{name!r}, expected a plain file name")
    return name
