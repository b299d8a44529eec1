"""Searches by sketch, by image and by product, and shared sketches, for both REST and WebSocket."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from rest_framework import exceptions

from ml.errors import SketchError
from ml.images.reading import Mode
from ml.retrieval.name_prior import NameFits
from ml.serving.encoder import Encoding
from ml.serving.raster import Raster
from ml.serving.recogniser import Recognition
from ml.sketch.strokes import HAND_LIMITS, Sketch, parse_sketch
from webapp.catalog.models import Category, Product
from webapp.http.limits.budget import uncharged
from webapp.observability.metrics import query_observe
from webapp.registry.gates.queries import query_record
from webapp.registry.indexes.recogniser import recogniser
from webapp.registry.indexes.sketch_sums import sketch_sums
from webapp.registry.releases import live as live_module
from webapp.registry.releases.live import LiveRelease
from webapp.search.batching import Batcher
from webapp.search.cards import allowed_rows
from webapp.search.images import image_read
from webapp.search.matching import certain, matched
from webapp.search.models import Share
from webapp.search.payloads import ImageSearchPayload, ResultPayload, SearchPayload, TimingPayload
from webapp.search.quota import SHARES
from webapp.search.ranking import hit_counts, rank
from webapp.search.recognition import name_prior, recognised, rows_named
from webapp.search.words import rows_matching

SHARE_MAX_BYTES = 400_000
RECORDED_RESULTS = 10

_SLOT_WAIT_S = 5.0
_BATCH = 4  # sketches per run of the encoder; more would hardly be cheaper, and each would wait longer
_slots = threading.BoundedSemaphore(os.cpu_count() or 1)  # more at once would only slow each other down


class NotReadyError(exceptions.APIException):
    status_code = 503
    default_detail = "No release is live yet: run `manage.py release_build`."
    default_code = "not_ready"
    wait = 5


class BusyError(exceptions.APIException):
    status_code = 503
    default_detail = _("Too many searches at once. Try again in a moment.")
    default_code = "busy"
    wait = 1


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
) -> SearchPayload:
    """Return the k products nearest to a sketch by shape and by what it is recognised as.

    name: narrows to products that it means. by_shape: ignores what is recognised. text: words that narrow, unless no
    product matches them. Raises ValidationError for an unknown category or name, BusyError if no core becomes free in
    time.
    """
    started = perf_counter()
    allowed = _allowed(live, category)
    fits = live.search.fits  # read once: another thread may replace it
    if name and fits is not None:
        allowed = _both(allowed, rows_named(name, fits))
    n_matching = None
    if text.strip():
        matching, n_matching = rows_matching(text, live)
        if n_matching:
            allowed = _both(allowed, matching)
    # In this thread, not the leader's, so that the cost of a large sketch is charged to its sender.
    raster = live.encoder.rasterised(sketch)
    known = recogniser() if fits is not None else None
    seen = known.rasterised(sketch) if known else None
    ranked_by_names = not (by_shape or name)
    query = _Query(
        started, raster, seen, k, allowed, live, fits, ranked_by_names, name, n_matching, get_language()
    )
    try:
        with uncharged():
            return _batcher.submit(query, _SLOT_WAIT_S)
    except TimeoutError:
        raise BusyError from None


class _Query(NamedTuple):
    """A sketch that waits for its answer; `language` is the sender's, for the cards."""

    started: float
    raster: Raster
    seen: Raster | None  # the recogniser's
    k: int
    allowed: NDArray[np.bool_] | None
    live: LiveRelease
    fits: NameFits | None
    ranked_by_names: bool
    name: str | None  # that the visitor chose
    n_matching: int | None
    language: str | None

    def answer(self, encoding: Encoding, recognition: Recognition | None) -> SearchPayload | Exception:
        try:
            with translation.override(self.language):  # the thread may belong to another request
                return _answer(
                    self.live,
                    self.k,
                    self.started,
                    embedding=encoding.embedding,
                    hash_code=encoding.hash_code,
                    allowed=self.allowed,
                    raster_ms=encoding.raster_ms + (recognition.raster_ms if recognition else 0.0),
                    encode_ms=encoding.encode_ms + (recognition.encode_ms if recognition else 0.0),
                    fits=self.fits,
                    recognition=recognition,
                    ranked_by_names=self.ranked_by_names,
                    n_matching=self.n_matching,
                    name=self.name,
                )
        except Exception as error:  # belongs to this query's sender
            return error


def _answer_batch(queries: Sequence[_Query]) -> list[SearchPayload | Exception]:
    with _slot():
        encodings = queries[0].live.encoder.encode_rasters([query.raster for query in queries])
        recognitions = _recognised([query.seen for query in queries])
        for query, encoding in zip(queries, encodings, strict=True):
            if query.allowed is None and encoding.projection is not None:
                sketch_sums.offer(query.live.encoder.sha256, encoding.projection)
        return [
            query.answer(encoding, recognition)
            for query, encoding, recognition in zip(queries, encodings, recognitions, strict=True)
        ]


def _recognised(rasters: Sequence[Raster | None]) -> list[Recognition | None]:
    known, waiting = recogniser(), [raster for raster in rasters if raster is not None]
    if known is None or not waiting:
        return [None] * len(rasters)
    found = iter(known.recognise_rasters(waiting))
    return [None if raster is None else next(found) for raster in rasters]


_batcher: Batcher[_Query, SearchPayload] = Batcher(
    _answer_batch,
    lambda first, other: first.live is other.live,
    n_leaders=os.cpu_count() or 1,
    max_batch=_BATCH,
)


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
    allowed = _allowed(live, category)
    seen = image_read(image=image, mode=mode, encoder=live.encoder, address=address)
    with _slot():
        read = perf_counter()
        if seen.sketch is None:
            encodings = live.encoder.encode_views(seen.images)
            embedding, hash_code, raster_ms = encodings.embeddings[0], encodings.hash_codes[0], 0.0
        else:
            encoding = live.encoder.encode_sketch(seen.sketch)
            embedding, hash_code, raster_ms = encoding.embedding, encoding.hash_code, encoding.raster_ms
        fits, known = live.search.fits, recogniser()
        answer = _answer(
            live,
            k,
            started,
            embedding=embedding,
            hash_code=hash_code,
            allowed=allowed,
            raster_ms=raster_ms,
            encode_ms=(perf_counter() - read) * 1e3 - raster_ms,
            fits=fits,
            recognition=known.recognise(seen.sketch) if known and fits is not None and seen.sketch else None,
            drawn=seen.sketch is not None,
        )
    return {
        **answer,
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
    embedding = live.index.embeddings[row].astype(np.float32)
    with _slot():
        return _answer(
            live,
            k,
            started,
            embedding=embedding,
            hash_code=live.index.codes[row],
            allowed=None,
            without_product=product.pk,
            drawn=False,
        )


def _answer(
    live: LiveRelease,
    k: int,
    started: float,
    *,
    embedding: NDArray[np.float32],
    hash_code: NDArray[np.uint8],
    allowed: NDArray[np.bool_] | None,
    raster_ms: float = 0.0,
    encode_ms: float = 0.0,
    without_product: int | None = None,
    fits: NameFits | None = None,
    recognition: Recognition | None = None,
    ranked_by_names: bool = True,
    n_matching: int | None = None,
    name: str | None = None,
    drawn: bool = True,
) -> SearchPayload:
    search_started = perf_counter()
    prior = None
    weight = live.encoder.manifest.name_weight
    if fits is not None and recognition is not None and ranked_by_names:
        prior = name_prior(recognition, fits, weight)
    shown = certain(name, fits, weight) if name and fits is not None else prior
    results: list[ResultPayload] = []
    for n_hits in hit_counts(k):
        hits = live.search.search(embedding, hash_code, n_hits, allowed=allowed, prior=prior)
        words, nothing_close = matched(hits, live, drawn=drawn, prior=shown)
        results = rank(hits, k, words, without_product=without_product)
        if len(results) >= k or len(hits.ids) < n_hits:
            break
    ended = perf_counter()
    timing_ms: TimingPayload = {
        "raster": round(raster_ms, 3),
        "encode": round(encode_ms, 3),
        "search": round((ended - search_started) * 1e3, 3),
        "total": round((ended - started) * 1e3, 3),
    }
    query_observe(**timing_ms)
    return {
        "release": live.payload,
        "results": results,
        "nothing_close": nothing_close or not results,
        "recognised": None if recognition is None or fits is None else recognised(recognition, fits),
        "text_matches": n_matching,
        "timing_ms": timing_ms,
        "debug": {
            "n_gallery": hits.n_gallery,
            "n_shortlist": hits.n_shortlist,
            "hamming_ms": round(hits.hamming_ms, 3),
            "rerank_ms": round(hits.rerank_ms, 3),
            "code_length": live.encoder.code_length,
        },
    }


def share_create(*, sketch: object, category: str | None, address: str) -> Share:
    """Return the link to a sketch, the existing one if the same sketch was shared before.

    Numbers are stored as they were sent, so that the link gives exactly the same ranking. Raises SketchError naming what
    is wrong, ValidationError for an unknown category, and for a new sketch whatever `SHARES.take` raises.
    """
    parse_sketch(sketch, limits=HAND_LIMITS)
    assert isinstance(sketch, dict)
    kept: dict[str, Any] = {name: sketch[name] for name in ("width", "height", "strokes")}
    text = json.dumps(kept, separators=(",", ":"))
    if len(text) > SHARE_MAX_BYTES:
        raise SketchError("sketch", f"{len(text)} bytes; a shared sketch has at most {SHARE_MAX_BYTES}")
    row = _category(category)
    sha256 = hashlib.sha256(f"{text}\n{category or ''}".encode()).hexdigest()
    known = Share.objects.filter(sha256=sha256)
    if share := known.first():
        return share
    SHARES.take(address=address, n_bytes=len(text))
    try:
        with transaction.atomic():
            return Share.objects.create(sha256=sha256, sketch=kept, n_bytes=len(text), category=row)
    except IntegrityError:  # shared twice at the same time
        return known.get()


def _category(slug: str | None) -> Category | None:
    if not slug:
        return None
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        raise _unknown_category(slug)
    return category


def _both(some: NDArray[np.bool_] | None, others: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return others if some is None else some & others


def _allowed(live: LiveRelease, slug: str | None) -> NDArray[np.bool_] | None:
    if not slug:
        return None
    allowed = allowed_rows(live, slug)
    if allowed is None:
        raise _unknown_category(slug)
    return allowed


def _unknown_category(slug: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({"category": f"{slug!r} is not a category of this catalogue"})


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_SLOT_WAIT_S):
        raise BusyError
    try:
        yield
    finally:
        _slots.release()
