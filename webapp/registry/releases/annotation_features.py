"""Deep features for annotation, which may not import this app; the setting `ANNOTATION_FEATURES` names it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.models import Sketch
from annotation.services.tasks.features import Features, no_features
from ml.retrieval.index import GalleryIndex
from ml.serving.encoder import Encoder
from ml.sketch.strokes import parse_sketch
from webapp.catalog.models import Photo, Product
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.opening import open_encoder, open_index
from webapp.registry.indexes.photos import photos_encode
from webapp.registry.models import LivePointer, Release

_BATCH = 16  # photos that are decoded together


def release_features(
    sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
) -> Features:
    """Return embeddings by the live release, or by the one with that id; of dimension 0 if none is live.

    Photos that the release's index contains are not encoded again. Raises Release.DoesNotExist, and ValueError naming a
    sketch without strokes or a product without a readable photo.
    """
    if release_id is None:
        live = LivePointer.objects.filter(pk=1).values_list("release_id", flat=True).first()
        if live is None:
            return no_features(sketches, products)
        release_id = str(live)
    release = Release.objects.select_related("index_build__model").get(pk=int(release_id))
    encoder = open_encoder(release.model)
    index = open_index(release.index_build, encoder)
    encoder = encoder.centred(index.centres)
    return Features(
        np.array([_sketch_embedding(sketch, encoder) for sketch in sketches], np.float32).reshape(
            len(sketches), encoder.embedding_dim
        ),
        _product_embeddings(products, encoder, index),
        str(release.pk),
    )


def _sketch_embedding(sketch: Sketch, encoder: Encoder) -> NDArray[np.float32]:
    if sketch.strokes is None:
        raise ValueError(f"sketch {sketch}: has no strokes")
    return encoder.encode_sketch(parse_sketch(sketch.strokes)).embedding


def _product_embeddings(
    products: Sequence[Product], encoder: Encoder, index: GalleryIndex
) -> NDArray[np.float32]:
    """Return embeddings (N, D) of the products' first photos."""
    row_of = {photo: row for row, photo in enumerate(index.ids.tolist())}
    found = np.zeros((len(products), encoder.embedding_dim), np.float32)
    missing: list[tuple[int, Photo]] = []
    for place, product in enumerate(products):
        photo = product.main_photo
        if photo is None:
            raise ValueError(f"product {product.sku}: has no photo")
        if photo.pk in row_of:
            found[place] = index.embeddings[row_of[photo.pk]]
        else:
            missing.append((place, photo))
    for start in range(0, len(missing), _BATCH):
        batch = {photo.pk: (place, photo) for place, photo in missing[start : start + _BATCH]}
        encoded = photos_encode(encoder, [_gallery_photo(photo) for _, photo in batch.values()])
        for photo_id, embedding in zip(encoded.ids.tolist(), encoded.embeddings, strict=True):
            place, _ = batch.pop(photo_id)
            found[place] = embedding
        for _, photo in batch.values():
            raise ValueError(f"product {photo.product.sku}: its photo cannot be read")
    return found


def _gallery_photo(photo: Photo) -> GalleryPhoto:
    return GalleryPhoto(photo.pk, str(photo.file.name), photo.product_id)
