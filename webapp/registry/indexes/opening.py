"""Open and verify a release's files. Every index and encoder that the site uses is opened here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import structlog

from ml.errors import IndexMismatchError
from ml.retrieval.files import sha256_of
from ml.retrieval.index import MANIFEST, GalleryIndex, IndexManifest
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from ml.serving.manifest import MANIFEST as MODEL_MANIFEST
from ml.serving.manifest import ModelManifest
from ml.serving.reference import REFERENCE
from ml.sketch.strokes import parse_sketch
from webapp.catalog.models import Photo
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.hash_codes import hash_codes_of
from webapp.registry.indexes.name_fits import name_fits
from webapp.registry.indexes.photos import photos_encode
from webapp.registry.models import IndexBuild, ModelVersion, Release
from webapp.stores import artifacts

log = structlog.get_logger(__name__)

_SAMPLED = 8
# Mean cosine of photos to their rows. Sound int8 gives .996 to fp32, saturating kernels give .75.
_SAME_MEAN_COSINE = 0.95


class AlteredError(IndexMismatchError):
    """A file of a model or index has changed since it was registered."""


@dataclass(frozen=True, eq=False)
class OpenedRelease:
    """A release ready for queries: its encoder, its gallery and the search over both."""

    encoder: Encoder
    search: TwoStageSearch

    @property
    def index(self) -> GalleryIndex:
        """The gallery: rows of photo ids, codes and embeddings."""
        return self.search.index


def open_encoder(model: ModelVersion) -> Encoder:
    """Return a registered model's encoder, verified on this processor. Raises ModelError, AlteredError."""
    manifest = ModelManifest.parse(model.manifest)
    needed = [name for name in manifest.files if name.endswith(".onnx") or name == REFERENCE]
    folder = artifacts.local_folder(model.folder, [*needed, MODEL_MANIFEST])
    if sha256_of(folder / MODEL_MANIFEST) != model.sha256:
        raise AlteredError(str(folder / MODEL_MANIFEST), "has been altered since the model was registered")
    return Encoder.load(folder)


def encoder_sha256_of(model: ModelVersion) -> str:
    """Return the SHA-256 that identifies a model's encoder in its indexes."""
    manifest = ModelManifest.parse(model.manifest)
    return str(manifest.files[manifest.onnx_file(manifest.precision)])


def open_index(build: IndexBuild, encoder: Encoder) -> GalleryIndex:
    """Return a ready build's index, for queries by `encoder`.

    Raises AlteredError if a file has changed since it was registered, IndexMismatchError if the index's numbers are not
    the encoder's. An index without recorded numbers is compared with photos of the catalogue.
    """
    folder = artifacts.local_folder(build.folder, [MANIFEST])
    if (folder / MANIFEST).is_file() and sha256_of(folder / MANIFEST) != build.sha256:
        raise AlteredError(str(folder / MANIFEST), "has been altered since the index was built")
    artifacts.local_folder(build.folder, IndexManifest.read(folder).files)
    index = GalleryIndex.open(
        folder, expect_encoder_sha256=encoder.sha256, expect_code_length=encoder.code_length
    )
    if index.manifest.numbers is None:
        _compare_photos(index, encoder)
    return index


def open_release(release: Release, *, encoder: Encoder | None = None) -> OpenedRelease:
    """Return a release's encoder, centred like the index, and its gallery. `encoder`: the model's, if it is already open.

    Answers one query first, so that no visitor waits while files are paged in.
    """
    build = release.index_build
    if (release.model_sha256, release.index_sha256) != (build.model.sha256, build.sha256):
        raise AlteredError("release", f"{release.pk} was made of another model or index")
    encoder = encoder or open_encoder(build.model)
    index = open_index(build, encoder)
    encoder = encoder.centred(index.centres)
    search = TwoStageSearch(index, hash_codes_of(index), name_fits(index))
    warm_up = encoder.encode_sketch(
        parse_sketch({"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]})
    )
    search.search(warm_up.embedding, warm_up.hash_code, 10)
    return OpenedRelease(encoder, search)


def _compare_photos(index: GalleryIndex, encoder: Encoder) -> None:
    """Encode some photos again: an index with other numbers would rank at random without any visible error."""
    rows = np.linspace(0, len(index) - 1, min(_SAMPLED, len(index))).astype(int)
    sampled = Photo.objects.filter(pk__in=index.ids[rows].tolist()).order_by("pk")
    photos = [GalleryPhoto(*row) for row in sampled.values_list("pk", "file", "product_id")]
    fresh = photos_encode(encoder.centred(index.centres), photos)
    place = {photo: row for row, photo in enumerate(index.ids.tolist())}
    cosines = [
        float(index.embeddings[place[photo]].astype(np.float32) @ embedding)
        for photo, embedding in zip(fresh.ids.tolist(), fresh.embeddings, strict=True)
    ]
    log.warning("index_numbers_unrecorded", index=index.sha256[:12], photos=len(cosines))
    if cosines and np.mean(cosines) < _SAME_MEAN_COSINE:
        raise IndexMismatchError(
            "numbers",
            f"photos have a mean cosine of {np.mean(cosines):.3f} to their rows; build the index again",
        )
