"""Write what an index says to visitors who have not drawn yet: sketches traced from typical photos, and words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.errors import SketchError
from ml.retrieval.builder import add_greeting
from ml.retrieval.greeting import Greeting
from ml.retrieval.half import to_float32
from ml.retrieval.index import GalleryIndex
from ml.serving.encoder import Encoder
from ml.sketch.abstraction import abstracted
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace_lines
from ml.vocabulary.fit import vocabulary
from ml.vocabulary.matching import WordIndex
from webapp.catalog.fits import product_words
from webapp.catalog.models import Photo, Product
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.photos import photo_rows, photo_views

N_SKETCHES = 8
_OF_A_CATEGORY = 200  # photos among which the typical one is found
_READ_PRODUCTS = 2_000  # for words
_SIMPLIFIED, _SHORTEST = 0.01, 0.06  # of the picture's side
# Words that shops describe products with, in the languages of the site.
_WORDS = {
    "en": (
        "red",
        "white",
        "black",
        "blue",
        "green",
        "grey",
        "brown",
        "wooden",
        "leather",
        "metal",
        "round",
        "small",
    ),
    "de": (
        "rot",
        "weiß",
        "schwarz",
        "blau",
        "grün",
        "grau",
        "braun",
        "Holz",
        "Leder",
        "Metall",
        "rund",
        "klein",
    ),
}
_N_WORDS = 2


def index_greet(folder: Path, *, encoder: Encoder, photos: Sequence[GalleryPhoto]) -> None:
    """Add the greeting to the index in `folder`, which `encoder` has built of `photos`."""
    index = GalleryIndex.open(
        folder, expect_encoder_sha256=encoder.sha256, expect_code_length=encoder.code_length
    )
    by_id = {photo.id: photo for photo in photos}
    sketches: list[tuple[int, dict[str, Any]]] = []
    for row in _typical_rows(index):
        photo_id = int(index.ids[row])
        sketch = _traced(by_id[photo_id], encoder)
        if sketch is not None:
            sketches.append((photo_id, sketch.to_payload()))
        if len(sketches) == N_SKETCHES:
            break
    add_greeting(folder, Greeting(tuple(sketches), _common_words()))


def _typical_rows(index: GalleryIndex) -> list[int]:
    """Return rows of photos, the most typical of each category, large categories first; then the next ones of each."""
    category_of = dict(
        Photo.objects.filter(pk__in=index.ids.tolist()).values_list("pk", "product__category_id")
    )
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, photo_id in enumerate(index.ids.tolist()):
        if photo_id in category_of:
            rows_of[category_of[photo_id]].append(row)
    ordered = []
    for rows in sorted(rows_of.values(), key=len, reverse=True)[:N_SKETCHES]:
        chosen = np.array(rows)[np.linspace(0, len(rows) - 1, min(_OF_A_CATEGORY, len(rows))).astype(int)]
        embeddings = to_float32(index.embeddings[chosen])
        by_typical = (embeddings @ embeddings.mean(axis=0)).argsort()[::-1]
        ordered.append(chosen[by_typical][: 2 * N_SKETCHES].tolist())
    return [rows[place] for place in range(2 * N_SKETCHES) for rows in ordered if place < len(rows)]


def _traced(photo: GalleryPhoto, encoder: Encoder) -> Sketch | None:
    """Return the edges of a photo as a simplified sketch; None if it is unreadable or has none."""
    views = photo_views(photo, photo_rows([photo]).get(photo.id), ("edge",), encoder.raster)
    if views is None:
        return None
    try:
        sketch = trace_lines(views[0], field="photo")
    except SketchError:
        return None
    return abstracted(sketch, _SIMPLIFIED, shortest=_SHORTEST)


def _common_words() -> dict[str, tuple[str, ...]]:
    """Return the words of each language that most products match, without those that nearly all match."""
    fields = ("name", "category__name_en", "category__name_de", "attributes")
    rows = list(Product.objects.filter(active=True).order_by("-pk").values_list(*fields)[:_READ_PRODUCTS])
    index = WordIndex(
        (product_words(name=n, category_en=en, category_de=de, attributes=a) for n, en, de, a in rows),
        vocabulary(),
    )
    found = {}
    for language, words in _WORDS.items():
        counts = {word: int(index.matches(f"{word} ").sum()) for word in words}
        common = sorted((word for word in words if counts[word]), key=lambda word: -counts[word])
        found[language] = tuple(common[:_N_WORDS])
    return found
