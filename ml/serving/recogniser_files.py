"""The files of a recogniser's folder: its manifest, and the reference that it is verified with on load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.serving import fields
from ml.serving.fields import MANIFEST, Precision
from ml.serving.reference import arrays_content, read_arrays
from ml.sketch.raster import RasterSpec

# Mean shared probability with the reference, at least. fp32 kernels differ only by rounding; a sound int8 file has .96,
# one whose sums saturate .50.
LEAST_SHARED: Mapping[str, float] = {"fp32": 0.999, "int8": 0.9}
OTHER = "something else"  # output for drawings of things without a name; not offered
_ARRAYS = {"images": ("uint8", 3), "logits": ("float32", 2)}


@dataclass(frozen=True)
class RecogniserManifest:
    """The manifest of a recogniser's folder. Keys not listed here are only kept in `raw`."""

    name: str
    version: str
    names: tuple[str, ...]  # what a sketch may show, in the order of the outputs
    raster: RasterSpec
    precision: Precision  # which of the two ONNX files serves
    temperature: float  # that logits are divided by, chosen on validation
    sure_from: float  # at least this best probability: the name is right four times of five
    nothing_below: float  # below this best probability, no name is worth offering
    files: dict[str, str]  # name -> SHA-256
    card: str  # file name of the model card, in Markdown
    raw: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> RecogniserManifest:
        """Read and validate model.json.

        Raises ModelError naming the key that is missing, has the wrong type or contradicts another.
        """
        raw = fields.read_object(folder)
        precision = fields.precision(raw)
        manifest = cls(
            name=fields.get(raw, "name", str),
            version=str(raw.get("version", "")),
            names=_names(raw),
            raster=fields.raster(raw),
            precision=precision,
            temperature=fields.number_in(raw, "temperature", 0.01, 100),
            sure_from=fields.number_in(raw, "sure_from", 0, 1),
            nothing_below=fields.number_in(raw, "nothing_below", 0, 1),
            files=fields.files(raw, cls.onnx_file(precision)),
            card=fields.card(raw),
            raw=raw,
        )
        if manifest.nothing_below > manifest.sure_from:
            raise ModelError(
                f"{MANIFEST}.nothing_below", f"{manifest.nothing_below} above sure_from {manifest.sure_from}"
            )
        return manifest

    @staticmethod
    def onnx_file(precision: str) -> str:
        """Return the name of the ONNX file of a precision."""
        return f"recogniser.{precision}.onnx"


def _names(raw: dict[str, Any]) -> tuple[str, ...]:
    names = fields.get(raw, "names", list)
    if (
        not names
        or len(set(map(str, names))) != len(names)
        or not all(isinstance(name, str) for name in names)
    ):
        raise ModelError(f"{MANIFEST}.names", "expected a list of different texts")
    return tuple(names)


@dataclass(frozen=True, eq=False)
class RecogniserReference:
    """Images, uint8 (R, S, S), and the logits, float32 (R, names), of the fp32 network at export."""

    images: NDArray[np.uint8]
    logits: NDArray[np.float32]

    @classmethod
    def read(cls, path: Path) -> RecogniserReference:
        """Read a file. Raises ModelError if it is missing, unreadable or holds other arrays."""
        return cls(**read_arrays(path, _ARRAYS))

    def content(self) -> bytes:
        """Return the content of the file."""
        return arrays_content({"images": self.images, "logits": self.logits})


@dataclass(frozen=True)
class RecogniserAgreement:
    """Agreement of a recogniser's outputs with the reference.

    shared: the probability that both give to the same names, sum of min(p, q), as mean over the images. same_best: the
    share of images with the same most probable name.
    """

    shared: float
    same_best: float

    @classmethod
    def of(cls, reference: RecogniserReference, logits: NDArray[np.float32]) -> RecogniserAgreement:
        """Compare logits (R, names) of the reference's images with its own."""
        shared = np.minimum(probabilities(reference.logits), probabilities(logits)).sum(axis=1)
        same = reference.logits.argmax(axis=1) == logits.argmax(axis=1)
        return cls(round(float(np.nan_to_num(shared).mean()), 4), round(float(same.mean()), 4))

    def within(self, precision: str) -> bool:
        """Return whether a recogniser of that precision may serve."""
        return self.shared >= LEAST_SHARED[precision]

    def shortfall(self, precision: str) -> str:
        """Return the shared probability and the one that a precision requires, as text."""
        return f"shared probability {self.shared} with the reference, at least {LEAST_SHARED[precision]} required"


def probabilities(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Return probabilities, float32 (N, names), of logits (N, names) divided by a temperature."""
    scaled = (logits - logits.max(axis=1, keepdims=True)) / np.float32(temperature)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
