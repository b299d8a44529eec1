"""The serving encoder: a model folder's ONNX file on onnxruntime, one thread per query, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.images.views import gallery_images
from ml.retrieval.centres import Centres
from ml.retrieval.index import Numbers
from ml.retrieval.packing import pack
from ml.serving.manifest import ModelManifest, Precision
from ml.serving.raster import Raster
from ml.serving.reference import REFERENCE, Agreement, Reference
from ml.serving.session import intact, open_session
from ml.serving.verification import compared_once, load_verified
from ml.sketch.raster import RasterSpec
from ml.sketch.strokes import Sketch

Image = NDArray[np.uint8]
_PROJECTION = "projection"
BATCH = 32  # images per run: the activations of a whole catalogue would take 8 GB


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoded image: embedding, float32 (D,) of unit length, hash code, uint8 (K / 8,), and times.

    encode_ms: time of the whole run that it was part of. projection: float32 (D,), the embedding before it is centred and
    normalised; None if the encoder takes no centres.
    """

    embedding: NDArray[np.float32]
    hash_code: NDArray[np.uint8]
    raster_ms: float
    encode_ms: float
    projection: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Encodings:
    """Encoded photos: embeddings, float32 (N, D) of unit length, and hash codes, uint8 (N, K / 8)."""

    embeddings: NDArray[np.float32]
    hash_codes: NDArray[np.uint8]


class Encoder:
    """Encodes sketches and photos as embeddings and hash codes; safe to call from several threads at once."""

    def __init__(
        self,
        folder: Path,
        manifest: ModelManifest,
        session: onnxruntime.InferenceSession,
        precision: Precision,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        # Identifies the model, whichever precision runs here: verified encoders of one model agree.
        self.sha256 = manifest.files[manifest.onnx_file(manifest.precision)]
        self.precision: Precision = precision  # of the file that runs here
        self.agreement: Agreement | None = None  # with the model's reference; None if it has none
        self.fallback = ""  # why fp32 runs although the manifest says int8
        self._session = session
        self._centres: NDArray[np.float32] | None = None  # a catalogue's; None for the encoder's own
        self._outputs = ["embedding", "hash_logits"]
        if _PROJECTION in {output.name for output in session.get_outputs()}:
            self._outputs.append(_PROJECTION)

    def centred(self, centres: Centres | None) -> Encoder:
        """Return this encoder with a catalogue's centres, or with its own; both share the session."""
        if centres is None and self._centres is None:
            return self
        encoder = copy(self)
        encoder._centres = centres.by_domain() if centres is not None else None
        return encoder

    @property
    def takes_centres(self) -> bool:
        """Whether projections can be centred on a catalogue."""
        return _PROJECTION in self._outputs

    @property
    def code_length(self) -> int:
        """Bits of a hash code."""
        return self.manifest.code_length

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding."""
        return self.manifest.embedding_dim

    @property
    def raster(self) -> RasterSpec:
        """The frame of strokes and photos."""
        return self.manifest.raster

    @property
    def numbers(self) -> Numbers:
        """The numerics of an index that this encoder builds."""
        found = self.agreement
        sound = found.within(self.precision) if found else self.precision == "fp32"
        return Numbers(self.precision, found.least_mean_cosine if found else None, sound)

    @classmethod
    def load(cls, folder: Path, *, precision: Precision | None = None, threads: int = 1) -> Encoder:
        """Load the manifest's precision, verified on this processor, or else fp32.

        The files' SHA-256 are checked, as are the encoder's outputs on the model's reference inputs. If int8 differs by
        more than `LEAST_MEAN_COSINE` allows, fp32 is loaded and `fallback` states the reason. With `precision`, only that
        file is loaded, regardless of its agreement. threads: onnxruntime's threads per run.

        Raises ModelError if a file is missing or altered, if the graph does not match the manifest, or if fp32 differs
        from the reference as well.
        """
        manifest = ModelManifest.read(folder)
        if precision is not None:
            return cls._opened(folder, manifest.with_precision(precision), precision, threads)
        encoder, why = load_verified(
            folder, manifest.precision, lambda each: cls._opened(folder, manifest, each, threads)
        )
        encoder.fallback = why
        return encoder

    @classmethod
    def _opened(cls, folder: Path, manifest: ModelManifest, precision: Precision, threads: int) -> Encoder:
        files = manifest.files
        path = intact(folder, files, manifest.onnx_file(precision))
        encoder = cls(folder, manifest, open_session(path, threads), precision)
        encoder._check_graph(path)
        if REFERENCE in files:
            encoder.agreement = compared_once(
                files[path.name],
                files[REFERENCE],
                lambda: encoder._agreement(Reference.read(intact(folder, files, REFERENCE))),
            )
        return encoder

    def encode_sketch(self, sketch: Sketch) -> Encoding:
        """Rasterise and encode one sketch."""
        return self.encode_rasters([self.rasterised(sketch)])[0]

    def rasterised(self, sketch: Sketch) -> Raster:
        """Rasterise a sketch in this encoder's frame."""
        return Raster.of(sketch, self.raster)

    def encode_rasters(self, rasters: Sequence[Raster]) -> list[Encoding]:
        """Encode rasterised sketches, at least one, in one run."""
        started = perf_counter()
        embeddings, logits, *projections = self._run(
            [raster.image for raster in rasters], [self.manifest.inputs["sketch"]] * len(rasters)
        )
        codes = pack(logits)
        encode_ms = (perf_counter() - started) * 1e3
        return [
            Encoding(
                embedding, codes[row], rasters[row].raster_ms, encode_ms, *(part[row] for part in projections)
            )
            for row, embedding in enumerate(embeddings)
        ]

    def projections(self, images: Sequence[Image], domain: str) -> NDArray[np.float32]:
        """Return projections, float32 (N, D), of framed images of one domain.

        Raises ModelError if the encoder takes no centres.
        """
        if not self.takes_centres:
            raise ModelError(str(self.folder), "has no projections, since it takes no centres")
        number = self.manifest.inputs[domain]
        parts = [
            self._run(images[start : start + BATCH], [number] * len(images[start : start + BATCH]))[2]
            for start in range(0, len(images), BATCH)
        ]
        return np.concatenate(parts) if parts else np.empty((0, self.embedding_dim), np.float32)

    def encode_photos(self, photos: Sequence[Image]) -> Encodings:
        """Encode RGB photos, uint8 (H, W, 3), of any sizes.

        Each photo is encoded as every gallery input; embeddings are averaged and normalised again, hash codes are the
        signs of the mean logits.
        """
        views = self.manifest.gallery_inputs
        return self.encode_views(
            [image for photo in photos for image in gallery_images(photo, views, self.raster)]
        )

    def encode_views(self, images: Sequence[Image]) -> Encodings:
        """Encode photos framed by `gallery_images`: for each photo, one image per gallery input, in order."""
        views = self.manifest.gallery_inputs
        if not images:
            empty = np.empty((0, self.code_length // 8), np.uint8)
            return Encodings(np.empty((0, self.embedding_dim), np.float32), empty)
        n_photos = len(images) // len(views)
        domains = [self.manifest.inputs[view] for view in views] * n_photos
        parts = [
            self._run(images[start : start + BATCH], domains[start : start + BATCH])
            for start in range(0, len(images), BATCH)
        ]
        embeddings, logits = (np.concatenate(outputs) for outputs in list(zip(*parts, strict=True))[:2])
        mean = embeddings.reshape(n_photos, len(views), -1).mean(axis=1)  # (N, D)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
        return Encodings(mean, pack(logits.reshape(n_photos, len(views), -1).mean(axis=1)))

    def _run(self, images: Sequence[Image], domains: list[int]) -> list[NDArray[np.float32]]:
        """Return embeddings (B, D), hash logits (B, K) and, with centres, projections (B, D) of images.

        images: (S, S) grey or (S, S, 3) each.
        """
        size = self.raster.size
        batch = np.empty((len(images), 3, size, size), np.float32)
        for planes, image in zip(batch, images, strict=True):
            planes[...] = image if image.ndim == 2 else image.transpose(2, 0, 1)
        return self.run_bare({"image": batch, "domain": np.array(domains, np.int64)})

    def run_bare(self, feed: dict[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Run only the ONNX session, on prepared arrays: the baseline for benchmarks of a query."""
        if self._centres is not None:
            feed = {**feed, "catalogue_centres": self._centres}
        outputs: list[NDArray[np.float32]] = self._session.run(self._outputs, feed)
        return outputs

    def _agreement(self, reference: Reference) -> Agreement:
        size, dim = self.raster.size, self.embedding_dim
        sizes = (reference.images.shape[1:], reference.embeddings.shape[1], reference.hash_codes.shape[1] * 8)
        if sizes != ((size, size, 3), dim, self.code_length):
            raise ModelError(str(self.folder / REFERENCE), f"sizes {sizes} differ from the manifest's")
        embeddings, hash_codes = [], []
        for image, domain in zip(reference.images, reference.domains.tolist(), strict=True):
            outputs = self._run([image], [domain])  # one by one, like queries
            embeddings.append(outputs[0])
            hash_codes.append(pack(outputs[1]))
        return Agreement.of(reference, np.concatenate(embeddings), np.concatenate(hash_codes))

    def _check_graph(self, path: Path) -> None:
        """Run the graph on a blank image: it must accept the inputs and return arrays of the manifest's sizes."""
        blank = np.full((self.raster.size, self.raster.size), 255, np.uint8)
        try:
            embeddings, logits = self._run([blank], [self.manifest.inputs["sketch"]])[:2]
        except Exception as error:  # onnxruntime raises different types at each stage
            raise ModelError(str(path), f"does not run on its manifest's inputs: {error}") from error
        if embeddings.shape != (1, self.embedding_dim) or logits.shape != (1, self.code_length):
            found = f"outputs {embeddings.shape[1:]} and {logits.shape[1:]}"
            raise ModelError(
                str(path), f"{found}, expected {self.embedding_dim} and {self.code_length} as in the manifest"
            )
