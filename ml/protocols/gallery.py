"""A catalogue folder searched as the site searches it: centred encoder, two stages, names that are recognised."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue, read_photo
from ml.images.views import gallery_images
from ml.retrieval.calibration import Calibration, Judgement
from ml.retrieval.centres import Centres
from ml.retrieval.hits import Hits
from ml.retrieval.index import GalleryIndex, IndexManifest
from ml.retrieval.name_prior import NameFits, NamePrior
from ml.retrieval.packing import unpack
from ml.retrieval.two_stage import SHORTLIST, TwoStageSearch
from ml.serving.calibrating import estimate_calibration, sample_rows
from ml.serving.centring import SAMPLE, VIEWS, estimate_centres
from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.sketch.strokes import Sketch
from ml.vocabulary.fit import ProductWords, vocabulary

Floats = NDArray[np.float32]
Image = NDArray[np.uint8]
_PART = 32  # photos that are decoded together


@dataclass(frozen=True, eq=False)
class Encoded:
    """Queries: embeddings (Q, D), packed hash codes (Q, K / 8), probabilities of the fits' names (Q, names) and of others
    (Q,).
    """

    embeddings: Floats
    hash_codes: NDArray[np.uint8]
    probabilities: Floats | None
    other: Floats | None


class SearchedGallery:
    """Photos with their words, in memory, searched exactly as a live release is.

    encoder: is centred on the photos. words: of each photo's product. recogniser: None to rank by shape alone.
    """

    def __init__(
        self,
        encoder: Encoder,
        photos: Sequence[Callable[[], Image]],
        words: Sequence[ProductWords],
        recogniser: Recogniser | None,
    ) -> None:
        self._photos = photos
        chosen = np.linspace(0, len(photos) - 1, min(SAMPLE, len(photos))).astype(int).tolist()
        views = (gallery_images(photos[place](), VIEWS, encoder.raster) for place in chosen)
        self.centres = estimate_centres(encoder, views)
        self.encoder = encoder.centred(self.centres)
        self.recogniser = recogniser
        parts = [
            self.encoder.encode_photos([photo() for photo in photos[start : start + _PART]])
            for start in range(0, len(photos), _PART)
        ]
        self.vectors: Floats = np.concatenate([part.embeddings for part in parts])
        self.hash_codes = np.concatenate([part.hash_codes for part in parts])
        self.fits = fits_of(words)
        self.search = TwoStageSearch(_index(self.encoder, self.vectors, self.hash_codes), fits=self.fits)

    @classmethod
    def of(cls, encoder: Encoder, catalogue: Catalogue, recogniser: Recogniser | None) -> SearchedGallery:
        """Encode the main photo of every product of a catalogue folder."""

        def reader(path: Path) -> Callable[[], Image]:
            return lambda: read_photo(path)

        photos = [reader(product.views[0].photo) for product in catalogue.products]
        return cls(encoder, photos, words_of(catalogue), recogniser)

    def with_sketches(self, centres: Centres) -> SearchedGallery:
        """Return the gallery with other centres of sketches; photos must be centred alike."""
        other = object.__new__(SearchedGallery)
        other.__dict__.update(self.__dict__, centres=centres, encoder=self.encoder.centred(centres))
        other.__dict__.pop("calibration", None)
        return other

    @cached_property
    def calibration(self) -> Calibration:
        """What an index build learns of how likely results are right."""
        edges = (
            (row, gallery_images(self._photos[row](), ("edge",), self.encoder.raster)[0])
            for row in sample_rows(len(self))
        )
        found = estimate_calibration(self.encoder, self.search, edges, self.recogniser)
        assert found is not None, "the gallery has photos"
        return found

    def __len__(self) -> int:
        return len(self.vectors)

    def found(self, queries: Encoded, row: int, k: int) -> tuple[Hits, Judgement]:
        """Return the first k results of a query, at least `FOLLOWING`, as served, and how they are judged."""
        prior = self._prior(queries, row, self.encoder.manifest.name_weight)
        hits = self.search.search(queries.embeddings[row], queries.hash_codes[row], k, prior=prior)
        return hits, self.calibration.judged(hits, prior, self.recogniser.sha256 if self.recogniser else "")

    def encoded(self, sketches: Iterable[Sketch], encoder: Encoder | None = None) -> Encoded:
        """Encode and recognise sketches. encoder: another replica's, instead of the one that encoded the photos."""
        encoder = encoder or self.encoder
        encodings, chances, other = [], [], []
        for sketch in sketches:
            encodings.append(encoder.encode_sketch(sketch))
            if self.recogniser is not None:
                found = self.recogniser.recognise(sketch)
                chances.append(self.fits.aligned(self.recogniser.names, found.probabilities))
                other.append(found.other)
        return Encoded(
            np.stack([encoding.embedding for encoding in encodings]),
            np.stack([encoding.hash_code for encoding in encodings]),
            np.stack(chances) if chances else None,
            np.array(other, np.float32) if chances else None,
        )

    def served(self, queries: Encoded, *, name_weight: float | None = None) -> Floats:
        """Return distances (Q, N) in the served order, infinite outside the shortlist.

        name_weight: instead of the encoder's.
        """
        weight = self.encoder.manifest.name_weight if name_weight is None else name_weight
        distances = np.full((len(queries.embeddings), len(self)), np.inf, np.float32)
        for row, (embedding, code) in enumerate(zip(queries.embeddings, queries.hash_codes, strict=True)):
            prior = self._prior(queries, row, weight)
            hits = self.search.search(embedding, code, SHORTLIST, prior=prior)
            distances[row, hits.rows] = -hits.scores
        return distances

    def _prior(self, queries: Encoded, row: int, weight: float) -> NamePrior | None:
        if queries.probabilities is None or queries.other is None:
            return None
        return self.fits.prior(queries.probabilities[row], weight, other=float(queries.other[row]))

    def cosine_distances(self, queries: Encoded) -> Floats:
        """Return negative cosines (Q, N)."""
        return np.asarray(-queries.embeddings @ self.vectors.T, np.float32)

    def hamming_distances(self, queries: Encoded) -> Floats:
        """Return Hamming distances (Q, N)."""
        ours, theirs = _signs(queries.hash_codes), _signs(self.hash_codes)
        return np.asarray((ours.shape[1] - ours @ theirs.T) / 2, np.float32)


def words_of(catalogue: Catalogue) -> list[ProductWords]:
    """Return the words of a catalogue folder's products: names, and categories in each language."""
    path = catalogue.root / "categories.json"
    categories: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return [
        ProductWords(product.name, categories.get(product.category, {"en": product.category}))
        for product in catalogue.products
    ]


def fits_of(words: Sequence[ProductWords]) -> NameFits:
    """Return the fits of products, one photo each."""
    names = vocabulary().names
    rows = np.stack([np.zeros(len(names), np.float32), *(vocabulary().fit(each) for each in words)])
    fits, groups = np.unique(rows, axis=0, return_inverse=True)  # sorted, so zeros come first
    of_products = groups.reshape(-1)[1:].astype(np.int32)
    return NameFits(names, of_products, fits, np.bincount(of_products, minlength=len(fits)))


def _index(encoder: Encoder, vectors: Floats, hash_codes: NDArray[np.uint8]) -> GalleryIndex:
    n, dim = vectors.shape
    manifest = IndexManifest(encoder.sha256, encoder.code_length, dim, n, {}, "")
    return GalleryIndex(
        Path(),
        manifest,
        "",
        np.arange(n),
        hash_codes,
        vectors.astype(np.float16),
        np.zeros((n, 16), np.uint8),
    )


def _signs(packed: NDArray[np.uint8]) -> Floats:
    return unpack(packed).astype(np.float32) * 2 - 1
