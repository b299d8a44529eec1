"""Searches by sketch, by image and by product, for both REST and WebSocket."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from django.core.files import File
from rest_framework import exceptions

from ml.images.reading import Mode
from ml.sketch.marks import is_mark
from ml.sketch.strokes import Sketch
from webapp.catalog.models import Product
from webapp.http.client_address import UNKNOWN
from webapp.registry.gates.queries import query_record
from webapp.registry.releases import live as live_module
from webapp.registry.releases.live import LiveRelease
from webapp.search.answering.answer import answer_of
from webapp.search.answering.narrowing import narrowed, rows_in_category
from webapp.search.answering.question import Encoded, Question
from webapp.search.answering.recognition import recogniser_for
from webapp.search.answering.sketches import sketch_answer
from webapp.search.answering.slots import slot
from webapp.search.images import image_read
from webapp.search.payloads import ImageSearchPayload, SearchPayload

RECORDED_RESULTS = 10


class NotReadyError(exceptions.APIException):
    status_code = 503
    default_detail = "No release is live yet: run `manage.py release_build`."
    default_code = "not_ready"
    wait = 5


def ready_release() -> LiveRelease:
    """Return the live release in memory. Raises NotReadyError before the first."""
    live = live_module.current()
    if live is None:
        raise NotReadyError
    return live


def search_sketch(
    *,
    sketch: Sketch,
    k: int,
    category: str | None,
    live: LiveRelease,
    name: str | None = None,
    by_shape: bool = False,
    text: str = "",
    address: str = UNKNOWN,
) -> SearchPayload:
    """Return the k products nearest to a sketch by shape and by what it is recognised as.

    name: narrows to products that it means. by_shape: ignores what is recognised. text: words that narrow, unless no
    product matches them. address: the sender's, as limits count it. Raises ValidationError for an unknown category or
    name, BusyError if no core becomes free in time.
    """
    started = perf_counter()
    fits = live.search.fits  # read once: another thread may replace it
    allowed, n_matching = narrowed(live, fits, category=category, name=name, text=text)
    question = Question(
        live,
        k,
        allowed=allowed,
        fits=fits,
        name=name,
        by_shape=by_shape,
        n_matching=n_matching,
        is_mark=is_mark(sketch),
        started=started,
    )
    return sketch_answer(sketch, question, address=address)


def answer_record(
    answer: SearchPayload,
    *,
    sketch: Sketch,
    k: int,
    category: str | None,
    name: str | None = None,
    by_shape: bool = False,
    text: str = "",
) -> None:
    """Offer an answer over the whole catalogue to the sample that gates replay; costs the visitor nothing."""
    is_whole = not (category or name or by_shape or text)
    if is_whole and k >= RECORDED_RESULTS:
        results = answer["results"][:RECORDED_RESULTS]
        query_record(sketch=sketch, release_id=answer["release"]["id"], results=results)


def search_image(
    *, image: File[bytes], mode: Mode, k: int, category: str | None, live: LiveRelease, address: str
) -> ImageSearchPayload:
    """Return the k products nearest to an uploaded image: a photo, or a drawing that is traced and searched as a sketch.

    address: the sender's. Raises ImageError or SketchError naming the field if the image is unreadable or has no lines
    to trace.
    """
    started = perf_counter()
    allowed = rows_in_category(live, category)
    seen = image_read(image=image, mode=mode, encoder=live.encoder, address=address)
    with slot():
        question = Question(
            live,
            k,
            allowed=allowed,
            fits=live.search.fits,
            drawn=seen.sketch is not None,
            is_mark=seen.sketch is not None and is_mark(seen.sketch),
            started=started,
        )
        if seen.sketch is None:
            encode_started = perf_counter()
            encodings = live.encoder.encode_views(seen.images)
            encode_ms = (perf_counter() - encode_started) * 1e3
            encoded = Encoded(encodings.embeddings[0], encodings.hash_codes[0], encode_ms=encode_ms)
        else:
            known = recogniser_for(question)
            recognition = known.recognise(seen.sketch) if known else None
            encoded = Encoded.of(live.encoder.encode_sketch(seen.sketch), recognition)
        found = answer_of(question, encoded)
    return {
        **found,
        "mode": "photo" if seen.sketch is None else "sketch",
        "sketch": None if seen.sketch is None else seen.sketch.to_payload(),
    }


def search_similar(*, product: Product, k: int, live: LiveRelease) -> SearchPayload:
    """Return the k products nearest to a product's first indexed photo, without itself.

    Raises NotFound if the live index contains none of its photos.
    """
    started = perf_counter()
    photo_ids = product.photos.order_by("position").values_list("pk", flat=True)
    row = next((row for photo_id in photo_ids if (row := live.row_of(photo_id)) is not None), None)
    if row is None:
        raise exceptions.NotFound("This product is not in the live index yet.")
    question = Question(live, k, drawn=False, without_product=product.pk, started=started)
    encoded = Encoded(live.index.embeddings[row].astype(np.float32), live.index.codes[row])
    with slot():
        return answer_of(question, encoded)
