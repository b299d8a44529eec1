"""model.json, the manifest of a model folder, validated before anything in the folder is used."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ml.errors import ConfigError, ModelError
from ml.sketch.raster import RasterSpec

MANIFEST = "model.json"
DOMAINS = ("sketch", "edge", "photo")
NAME_WEIGHT_KEY = "name_weight"
NAME_WEIGHT = 0.2  # of models that were stored before names were recognised
Precision = Literal["fp32", "int8"]
Match = Literal["strong", "fair", "weak"]


@dataclass(frozen=True)
class ModelManifest:
    """The manifest of a model folder. Score thresholds are cosines; keys not listed here are only kept in `raw`."""

    name: str
    version: str
    system: str
    embedding_dim: int
    code_length: int  # bits
    raster: RasterSpec
    inputs: dict[str, int]  # domain -> number
    gallery_inputs: tuple[str, ...]  # the domains a photo is encoded as; their embeddings are averaged
    precision: Precision  # which of the two ONNX files serves
    strong: float  # a match is strong from this score up
    fair: float
    nothing_close_below: float  # if the best score is below this, nothing resembles the sketch
    name_weight: float  # of what a sketch is recognised as, in units of the cosine
    files: dict[str, str]  # name -> SHA-256
    metrics: dict[str, Any]
    card: str  # file name of the model card, in Markdown
    raw: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> ModelManifest:
        """Read and validate model.json.

        Raises ModelError naming the key that is missing, has the wrong type or contradicts another.
        """
        try:
            raw = json.loads((folder / MANIFEST).read_text())
        except FileNotFoundError:
            raise ModelError(str(folder / MANIFEST), "missing; the folder is not a model") from None
        except ValueError as error:
            raise ModelError(str(folder / MANIFEST), f"not JSON: {error}") from None
        return cls.parse(raw)

    @classmethod
    def parse(cls, raw: object) -> ModelManifest:
        """Validate a decoded model.json. Raises ModelError as `read`."""
        if not isinstance(raw, dict):
            raise ModelError(MANIFEST, "expected an object")
        words = _get(raw, "score_words", dict)
        inputs = _get(raw, "inputs", dict)
        gallery_inputs = _get(raw, "gallery_inputs", list)
        for domain in ("sketch", *gallery_inputs):
            if domain not in DOMAINS or not isinstance(inputs.get(domain), int):
                raise ModelError(f"{MANIFEST}.inputs.{domain}", "missing or not a number")
        if not gallery_inputs:
            raise ModelError(f"{MANIFEST}.gallery_inputs", "empty, expected photo or edge")
        manifest = cls(
            name=_get(raw, "name", str),
            version=str(raw.get("version", "")),
            system=_get(raw, "system", str),
            embedding_dim=_positive(raw, "embedding_dim"),
            code_length=_positive(raw, "code_length"),
            raster=_raster(_get(raw, "raster", dict)),
            inputs=inputs,
            gallery_inputs=tuple(gallery_inputs),
            precision=_get(raw, "precision", str),  # checked below
            strong=_score(words, "strong", f"{MANIFEST}.score_words"),
            fair=_score(words, "fair", f"{MANIFEST}.score_words"),
            nothing_close_below=_score(raw, "nothing_close_below", MANIFEST),
            name_weight=_name_weight(raw),
            files=_get(raw, "files", dict),
            metrics=raw.get("metrics") or {},
            card=str(raw.get("card", "CARD.md")),
            raw=raw,
        )
        manifest._check()
        return manifest

    def _check(self) -> None:
        if self.precision not in ("fp32", "int8"):
            raise ModelError(f"{MANIFEST}.precision", f"{self.precision!r}, must be fp32 or int8")
        if self.code_length % 8:
            raise ModelError(f"{MANIFEST}.code_length", f"{self.code_length}, must be a multiple of 8")
        if self.fair > self.strong:
            raise ModelError(f"{MANIFEST}.score_words", f"fair {self.fair} above strong {self.strong}")
        for name, digest in self.files.items():
            if Path(name).name != name or name.startswith("."):
                raise ModelError(f"{MANIFEST}.files", f"{name!r}, expected a plain file name")
            if not isinstance(digest, str) or len(digest) != 64:
                raise ModelError(f"{MANIFEST}.files.{name}", "expected a SHA-256 in hex")
        if self.onnx_file(self.precision) not in self.files:
            raise ModelError(
                f"{MANIFEST}.files", f"no {self.onnx_file(self.precision)}, which precision requires"
            )
        if Path(self.card).name != self.card:
            raise ModelError(f"{MANIFEST}.card", f"{self.card!r}, expected a plain file name")

    @staticmethod
    def onnx_file(precision: str) -> str:
        """Return the name of the ONNX file of a precision."""
        return f"encoder.{precision}.onnx"

    def with_precision(self, precision: str) -> ModelManifest:
        """Return the manifest with another precision. Raises ModelError if the model has no such file."""
        return ModelManifest.parse({**self.raw, "precision": precision})

    def match(self, score: float) -> Match:
        """Return the word for a score."""
        return "strong" if score >= self.strong else "fair" if score >= self.fair else "weak"


def _get(raw: dict[str, Any], key: str, kind: type) -> Any:
    if not isinstance(raw.get(key), kind):
        raise ModelError(f"{MANIFEST}.{key}", f"missing or not of type {kind.__name__}")
    return raw[key]


def _positive(raw: dict[str, Any], key: str) -> int:
    value: int = _get(raw, key, int)
    if not 0 < value <= 65_536:
        raise ModelError(f"{MANIFEST}.{key}", f"{value}, must be between 1 and 65536")
    return value


def _score(raw: dict[str, Any], key: str, place: str) -> float:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
        raise ModelError(f"{place}.{key}", f"{value!r}, expected a cosine between -1 and 1")
    return float(value)


def _name_weight(raw: dict[str, Any]) -> float:
    value = raw.get(NAME_WEIGHT_KEY, NAME_WEIGHT)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ModelError(f"{MANIFEST}.{NAME_WEIGHT_KEY}", f"{value!r}, must be between 0 and 1")
    return float(value)


def _raster(raw: dict[str, Any]) -> RasterSpec:
    known = {field.name for field in fields(RasterSpec)}
    if unknown := set(raw) - known:
        raise ModelError(
            f"{MANIFEST}.raster",
            f"unknown keys {sorted(unknown)}; the model needs another version of the rasteriser",
        )
    try:
        return RasterSpec(**raw)
    except (ConfigError, TypeError) as error:
        raise ModelError(f"{MANIFEST}.raster", str(error)) from None
