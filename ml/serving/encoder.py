"""The encoder that serves: a model folder's ONNX file on onnxruntime, one thread a query, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.images.crop import box_of
from ml.images.edges import LINE_WIDTH, drawn, edge_pixels
from ml.images.transforms import frame
from ml.retrieval.files import sha256_of
from ml.retrieval.packing import pack
from ml.serving.manifest import ModelManifest
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch

Image = NDArray[np.uint8]
BATCH = 32  # images a run: a catalogue in one run would take 8 GB for its activations


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoded image: embedding float32 (D,) of unit length, hash code uint8 (K / 8,), and its times."""

    embedding: NDArray[np.float32]
    hash_code: NDArray[np.uint8]
    raster_ms: float
    encode_ms: float


@dataclass(frozen=True, slots=True)
class Encodings:
    """Encoded photos: embeddings float32 (N, D) of unit length, hash codes uint8 (N, K / 8)."""

    embeddings: NDArray[np.float32]
    hash_codes: NDArray[np.uint8]


class Encoder:
    """Turns sketches and photos into embeddings and hash codes; several threads may call it at once."""

    def __init__(self, folder: Path, manifest: ModelManifest, session: onnxruntime.InferenceSession) -> None:
        self.folder = folder
        self.manifest = manifest
        self.sha256 = manifest.files[manifest.onnx_file(manifest.precision)]
        self._session = session

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
        """How strokes and photos are framed."""
        return self.manifest.raster

    @classmethod
    def load(cls, folder: Path, *, precision: str | None = None, threads: int = 1) -> Encoder:
        """Loads the ONNX file of `precision`, by default the manifest's, after checking its SHA-256.

        Raises ModelError when a file is missing or altered, or the graph is not what the manifest says.
        """
        manifest = ModelManifest.read(folder)
        if precision is not None and precision != manifest.precision:
            manifest = ModelManifest.parse({**manifest.raw, "precision": precision})
        path = folder / manifest.onnx_file(manifest.precision)
        if not path.is_file():
            raise ModelError(str(path), "missing")
        if sha256_of(path) != manifest.files[path.name]:
            raise ModelError(str(path), "altered: its SHA-256 is not the manifest's")
        session = _session(path, threads)
        encoder = cls(folder, manifest, session)
        encoder._check_graph(path)
        return encoder

    def encode_sketch(self, sketch: Sketch) -> Encoding:
        """Rasterises and encodes one sketch."""
        started = perf_counter()
        image = rasterise(sketch, self.raster)
        drawn = perf_counter()
        embeddings, logits = self._run([image], [self.manifest.inputs["sketch"]])
        codes = pack(logits)
        return Encoding(embeddings[0], codes[0], (drawn - started) * 1e3, (perf_counter() - drawn) * 1e3)

    def encode_photos(self, photos: Sequence[Image]) -> Encodings:
        """Encodes RGB photos (H, W, 3) of any sizes: each seen as every gallery input, embeddings averaged
        and re-normalised, hash codes from the mean logits.
        """
        views = self.manifest.gallery_inputs
        if not photos:
            empty = np.empty((0, self.code_length // 8), np.uint8)
            return Encodings(np.empty((0, self.embedding_dim), np.float32), empty)
        images = [image for photo in photos for image in gallery_images(photo, views, self.raster)]
        domains = [self.manifest.inputs[view] for view in views] * len(photos)
        parts = [
            self._run(images[start : start + BATCH], domains[start : start + BATCH])
            for start in range(0, len(images), BATCH)
        ]
        embeddings, logits = (np.concatenate(outputs) for outputs in zip(*parts, strict=True))
        mean = embeddings.reshape(len(photos), len(views), -1).mean(axis=1)  # (N, D)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
        return Encodings(mean, pack(logits.reshape(len(photos), len(views), -1).mean(axis=1)))

    def _run(
        self, images: list[Image], domains: list[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embeddings (B, D) and hash logits (B, K) of images, each (S, S) grey or (S, S, 3)."""
        size = self.raster.size
        batch = np.empty((len(images), 3, size, size), np.float32)
        for planes, image in zip(batch, images, strict=True):
            planes[...] = image if image.ndim == 2 else image.transpose(2, 0, 1)
        return self.run_bare({"image": batch, "domain": np.array(domains, np.int64)})

    def run_bare(self, feed: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The ONNX session alone, on arrays made beforehand: what a query is measured against."""
        embeddings, logits = self._session.run(["embedding", "hash_logits"], feed)
        return embeddings, logits

    def _check_graph(self, path: Path) -> None:
        """One blank image through the graph: it must accept the inputs and give arrays of the manifest's
        sizes.
        """
        blank = np.full((self.raster.size, self.raster.size), 255, np.uint8)
        try:
            embeddings, logits = self._run([blank], [self.manifest.inputs["sketch"]])
        except Exception as error:  # onnxruntime raises its own kinds for each stage
            raise ModelError(str(path), f"does not run on its manifest's inputs: {error}") from error
        if embeddings.shape != (1, self.embedding_dim) or logits.shape != (1, self.code_length):
            found = f"gives {embeddings.shape[1:]} and {logits.shape[1:]}"
            raise ModelError(
                str(path), f"{found}, the manifest says {self.embedding_dim} and {self.code_length}"
            )


def gallery_images(photo: Image, views: Sequence[str], spec: RasterSpec) -> list[Image]:
    """A photo (H, W, 3) framed around its object as each of `views` ("photo", "edge"), (S, S, 3), (S, S).

    The box is `object_box`'s and the edges are `edge_map`'s; their lines, which cost most, are found once.
    """
    lines = edge_pixels(photo)
    box = box_of(lines)
    width_px = max(1.5, LINE_WIDTH * max(photo.shape))
    return [frame(photo if view == "photo" else drawn(lines, width_px), box, spec) for view in views]


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own kinds for a broken file
        raise ModelError(str(path), f"not a loadable ONNX file: {error}") from error
