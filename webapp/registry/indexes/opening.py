"""The one door to a release's files: every index and encoder that the site uses is opened and verified here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import structlog

from ml.errors import IndexMismatchError
from ml.retrieval.files import sha256_of
from ml.retrieval.index import FILES, MANIFEST, GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from ml.serving.manifest import MANIFEST as MODEL_MANIFEST
from ml.serving.manifest import ModelManifest
from ml.serving.reference import REFERENCE
from ml.sketch.strokes import parse_sketch
from webapp.catalog.models import Photo
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.hash_codes import hash_codes_of
from webapp.registry.indexes.photos import photos_encoded
from webapp.registry.indexes.shelves import shelf_vote
from webapp.registry.models import IndexBuild, ModelVersion, Release
from webapp.stores import artifacts

log = structlog.get_logger(__name__)

_SAMPLED = 8
# Mean cosine of photos to their rows. A sound int8 row is .996 like an fp32 one; with saturating kernels it is .75.
_SAME_MEAN_COSINE = 0.95


class AlteredError(IndexMismatchError):
    """A file of a registered model or index is not the one that was registered."""


@dataclass(frozen=True, eq=False)
class OpenedRelease:
    """A release ready to be asked: its encoder, its gallery and the search over both."""

    encoder: Encoder
    search: TwoStageSearch

    @property
    def index(self) -> GalleryIndex:
        """The gallery: rows of photo ids, codes and embeddings."""
        return self.search.index


def open_encoder(model: ModelVersion) -> Encoder:
    """A registered model's encoder, verified on this processor. Raises ModelError, AlteredError."""
    manifest = ModelManifest.parse(model.manifest)
    needed = [name for name in manifest.files if name.endswith(".onnx") or name == REFERENCE]
    folder = artifacts.local_folder(model.folder, [*needed, MODEL_MANIFEST])
    if sha256_of(folder / MODEL_MANIFEST) != model.sha256:
        raise AlteredError(str(folder / MODEL_MANIFEST), "altered since the model was registered")
    return Encoder.load(folder)


def open_index(build: IndexBuild, encoder: Encoder) -> GalleryIndex:
    """A ready build's index, for queries by `encoder`.

    Raises AlteredError and IndexMismatchError: the files are not those registered, or their numbers are not the
    encoder's. An index that does not record its numbers is compared with photos of the catalogue.
    """
    folder = artifacts.local_folder(build.folder, [*FILES, MANIFEST])
    if (folder / MANIFEST).is_file() and sha256_of(folder / MANIFEST) != build.sha256:
        raise AlteredError(str(folder / MANIFEST), "altered since the index was built")
    index = GalleryIndex.open(
        folder, expect_encoder_sha256=encoder.sha256, expect_code_length=encoder.code_length
    )
    if index.manifest.numbers is None:
        _compare_photos(index, encoder)
    return index


def open_release(release: Release, *, encoder: Encoder | None = None) -> OpenedRelease:
    """A release's encoder and gallery. `encoder`: the model's, where it is open already.

    One query is answered before it is returned, so that no visitor waits for its pages.
    """
    build = release.index_build
    if (release.model_sha256, release.index_sha256) != (build.model.sha256, build.sha256):
        raise AlteredError("release", f"{release.pk} was made of another model or index")
    encoder = encoder or open_encoder(build.model)
    index = open_index(build, encoder)
    search = TwoStageSearch(index, hash_codes_of(index), shelf_vote(index, encoder))
    warm_up = encoder.encode_sketch(
        parse_sketch({"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]})
    )
    search.search(warm_up.embedding, warm_up.hash_code, 10)
    return OpenedRelease(encoder, search)


def _compare_photos(index: GalleryIndex, encoder: Encoder) -> None:
    """Encodes some photos anew: an index of other numbers would rank at random and nobody would see why."""
    rows = np.linspace(0, len(index) - 1, min(_SAMPLED, len(index))).astype(int)
    files = dict(Photo.objects.filter(pk__in=index.ids[rows].tolist()).values_list("pk", "file"))
    fresh = photos_encoded(encoder, [GalleryPhoto(pk, file) for pk, file in sorted(files.items())])
    place = {photo: row for row, photo in enumerate(index.ids.tolist())}
    cosines = [
        float(index.embeddings[place[photo]].astype(np.float32) @ embedding)
        for photo, embedding in zip(fresh.ids.tolist(), fresh.embeddings, strict=True)
    ]
    log.warning("index_numbers_unrecorded", index=index.sha256[:12], photos=len(cosines))
    if cosines and np.mean(cosines) < _SAME_MEAN_COSINE:
        raise IndexMismatchError(
            "numbers", f"photos are {np.mean(cosines):.3f} like their rows on average; build the index again"
        )
