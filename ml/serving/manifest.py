"""model.json, the manifest of a model folder, validated before anything in the folder is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.errors import ModelError
from ml.retrieval.calibration import Match
from ml.serving import fields
from ml.serving.fields import MANIFEST as MANIFEST
from ml.serving.fields import Precision as Precision
from ml.sketch.raster import RasterSpec

DOMAINS = ("sketch", "edge", "photo")
NAME_WEIGHT_KEY = "name_weight"
NAME_WEIGHT = 0.2  # of models that were stored before names were recognised


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
        return cls.parse(fields.read_object(folder))

    @classmethod
    def parse(cls, decoded: object) -> ModelManifest:
        """Validate a decoded model.json. Raises ModelError as `read`."""
        raw = fields.as_object(decoded)
        words = fields.get(raw, "score_words", dict)
        inputs = fields.get(raw, "inputs", dict)
        gallery_inputs = fields.get(raw, "gallery_inputs", list)
        for domain in ("sketch", *gallery_inputs):
            if domain not in DOMAINS or not isinstance(inputs.get(domain), int):
                raise ModelError(f"{MANIFEST}.inputs.{domain}", "missing or not a number")
        if not gallery_inputs:
            raise ModelError(f"{MANIFEST}.gallery_inputs", "empty, expected photo or edge")
        precision = fields.precision(raw)
        manifest = cls(
            name=fields.get(raw, "name", str),
            version=str(raw.get("version", "")),
            system=fields.get(raw, "system", str),
            embedding_dim=fields.positive(raw, "embedding_dim"),
            code_length=fields.positive(raw, "code_length"),
            raster=fields.raster(raw),
            inputs=inputs,
            gallery_inputs=tuple(gallery_inputs),
            precision=precision,
            strong=fields.number_in(words, "strong", -1, 1, place=f"{MANIFEST}.score_words"),
            fair=fields.number_in(words, "fair", -1, 1, place=f"{MANIFEST}.score_words"),
            nothing_close_below=fields.number_in(raw, "nothing_close_below", -1, 1),
            name_weight=fields.number_in({NAME_WEIGHT_KEY: NAME_WEIGHT, **raw}, NAME_WEIGHT_KEY, 0, 1),
            files=fields.files(raw, cls.onnx_file(precision)),
            metrics=raw.get("metrics") or {},
            card=fields.card(raw),
            raw=raw,
        )
        manifest._check()
        return manifest

    def _check(self) -> None:
        if self.code_length % 8:
            raise ModelError(f"{MANIFEST}.code_length", f"{self.code_length}, must be a multiple of 8")
        if self.fair > self.strong:
            raise ModelError(f"{MANIFEST}.score_words", f"fair {self.fair} above strong {self.strong}")

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
