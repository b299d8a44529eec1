"""The serving recogniser: which name a sketch shows, by a model folder's ONNX file on onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.serving.fields import Precision
from ml.serving.raster import Raster
from ml.serving.recogniser_files import (
    OTHER,
    RecogniserAgreement,
    RecogniserManifest,
    RecogniserReference,
    probabilities,
)
from ml.serving.reference import REFERENCE
from ml.serving.session import intact, open_session
from ml.serving.verification import compared_once, load_verified
from ml.sketch.raster import RasterSpec
from ml.sketch.strokes import Sketch


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a sketch shows: the probability of each name, float32 (names,), and times.

    best: the probability of the best name. other: that of things without a name. sure: whether the best name is right at
    least four times of five. encode_ms: time of the whole run that the sketch was part of.
    """

    probabilities: NDArray[np.float32]
    best: float
    other: float
    sure: bool
    raster_ms: float
    encode_ms: float


class Recogniser:
    """Recognises sketches; safe to call from several threads at once."""

    def __init__(
        self,
        folder: Path,
        manifest: RecogniserManifest,
        session: onnxruntime.InferenceSession,
        precision: Precision,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.sha256 = manifest.files[manifest.onnx_file(manifest.precision)]  # identifies the model
        self.precision: Precision = precision  # of the file that runs here
        self.agreement: RecogniserAgreement | None = None  # with the model's reference; None if it has none
        self.fallback = ""  # why fp32 runs although the manifest says int8
        self._session = session
        self._others = [column for column, name in enumerate(manifest.names) if name == OTHER]

    @property
    def names(self) -> tuple[str, ...]:
        """What a sketch may show, in the order of the probabilities."""
        return self.manifest.names

    @property
    def raster(self) -> RasterSpec:
        """The frame of strokes."""
        return self.manifest.raster

    @classmethod
    def load(cls, folder: Path, *, precision: Precision | None = None, threads: int = 1) -> Recogniser:
        """Load the manifest's precision, verified on this processor, or else fp32.

        The files' SHA-256 are checked, as are the probabilities of the model's reference images. If int8 differs by more
        than `LEAST_SHARED` allows, fp32 is loaded and `fallback` states the reason. With `precision`, only that file is
        loaded, regardless of its agreement. threads: onnxruntime's threads per run.

        Raises ModelError if a file is missing or altered, if the graph does not match the manifest, or if fp32 differs
        from the reference as well.
        """
        manifest = RecogniserManifest.read(folder)
        if precision is not None:
            return cls._opened(folder, manifest, precision, threads)
        recogniser, why = load_verified(
            folder, manifest.precision, lambda each: cls._opened(folder, manifest, each, threads)
        )
        recogniser.fallback = why
        return recogniser

    @classmethod
    def _opened(
        cls, folder: Path, manifest: RecogniserManifest, precision: Precision, threads: int
    ) -> Recogniser:
        files = manifest.files
        path = intact(folder, files, manifest.onnx_file(precision))
        recogniser = cls(folder, manifest, open_session(path, threads), precision)
        recogniser._check_graph(path)
        if REFERENCE in files:
            recogniser.agreement = compared_once(
                files[path.name],
                files[REFERENCE],
                lambda: recogniser._agreement(RecogniserReference.read(intact(folder, files, REFERENCE))),
            )
        return recogniser

    def recognise(self, sketch: Sketch) -> Recognition:
        """Rasterise and recognise one sketch."""
        return self.recognise_rasters([self.rasterised(sketch)])[0]

    def rasterised(self, sketch: Sketch) -> Raster:
        """Rasterise a sketch in this recogniser's frame."""
        return Raster.of(sketch, self.raster)

    def recognise_rasters(self, rasters: Sequence[Raster]) -> list[Recognition]:
        """Recognise rasterised sketches, at least one, in one run."""
        started = perf_counter()
        logits = self.logits([raster.image for raster in rasters])
        found = self.probabilities(logits)
        best = found.max(axis=1).tolist()
        other = (1 - found.sum(axis=1)).clip(0, 1).tolist() if self._others else [0.0] * len(rasters)
        encode_ms = (perf_counter() - started) * 1e3
        return [
            Recognition(row, most, rest, most >= self.manifest.sure_from, raster.raster_ms, encode_ms)
            for row, most, rest, raster in zip(found, best, other, rasters, strict=True)
        ]

    def offered(self, recognition: Recognition, most: int = 5) -> list[tuple[str, float]]:
        """Return the most probable names with their probabilities, best first; none if nothing was recognised."""
        if recognition.best < self.manifest.nothing_below:
            return []
        order = np.argsort(-recognition.probabilities, kind="stable")[:most]
        return [(self.names[column], float(recognition.probabilities[column])) for column in order]

    def logits(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return logits, float32 (B, names), of images, each uint8 (S, S)."""
        batch = np.stack(images).astype(np.float32)[:, None]  # (B, 1, S, S)
        found: NDArray[np.float32] = self._session.run(["logits"], {"image": batch})[0]
        return found

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return calibrated probabilities, float32 (B, names), of logits (B, names).

        They add up to the probability that a drawing shows something with a name; `OTHER` itself has none.
        """
        found = probabilities(logits, self.manifest.temperature)
        found[:, self._others] = 0.0
        return found

    def _agreement(self, reference: RecogniserReference) -> RecogniserAgreement:
        sizes = (reference.images.shape[1:], reference.logits.shape[1])
        if sizes != ((self.raster.size, self.raster.size), len(self.names)):
            raise ModelError(str(self.folder / REFERENCE), f"sizes {sizes} differ from the manifest's")
        logits = [self.logits([image]) for image in reference.images]  # one by one, like queries
        return RecogniserAgreement.of(reference, np.concatenate(logits))

    def _check_graph(self, path: Path) -> None:
        """Run the graph on a blank image: it must accept the input and return a logit per name."""
        blank = np.full((self.raster.size, self.raster.size), 255, np.uint8)
        try:
            logits = self.logits([blank])
        except Exception as error:  # onnxruntime raises different types at each stage
            raise ModelError(str(path), f"does not run on its manifest's input: {error}") from error
        if logits.shape != (1, len(self.names)):
            raise ModelError(
                str(path), f"{logits.shape[1:]} logits, expected {len(self.names)} as in the manifest"
            )


@lru_cache(maxsize=4)
def _columns(ours: tuple[str, ...], names: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the recogniser's columns of the names that it knows, and their places in `names`."""
    column = {name: number for number, name in enumerate(ours)}
    pairs = [(column[name], place) for place, name in enumerate(names) if name in column]
    columns, places = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(columns, np.intp), np.array(places, np.intp)
