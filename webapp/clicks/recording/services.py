"""Store an answer that a visitor looked at, and the products opened from it; erase a visit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework import exceptions

from ml.errors import SketchError
from ml.sketch.strokes import Sketch
from webapp.catalog.models import Product
from webapp.clicks.models import Answer, Click
from webapp.clicks.recording.answer_ids import Shown, sketch_digest, visit_hash
from webapp.clicks.recording.quota import ANSWERS, CLICKS
from webapp.registry.models import Release

MAX_POINTS = 4_000  # of a sketch that is kept
_ROW_BYTES = 600  # about what a row takes without its sketch


def answer_store(*, shown: Shown, sketch: Sketch | None, address: str) -> Answer:
    """Return the row of an answer, made once; a sketch that comes later is added to it.

    Raises SketchError if the sketch is not the one that was searched, ValidationError if the release is gone, and what
    `ANSWERS.take` raises. A sketch of more than `MAX_POINTS` points is not kept.
    """
    if sketch is not None and sketch_digest(sketch) != shown.digest:
        raise SketchError("sketch", "is not the sketch that this answer is of")
    kept = _kept(sketch) if sketch is not None and sum(sketch.lengths) <= MAX_POINTS else None
    n_bytes = _ROW_BYTES + (len(json.dumps(kept)) if kept else 0)
    known = Answer.objects.filter(key=shown.key)
    if row := known.first():
        if kept and row.sketch is None:
            ANSWERS.take(address=address, n_bytes=n_bytes)
            known.update(sketch=kept, n_bytes=n_bytes)
        return row
    if not Release.objects.filter(pk=shown.release_id).exists():
        raise exceptions.ValidationError({"answer_id": "its release has been deleted"})
    ANSWERS.take(address=address, n_bytes=n_bytes)
    try:
        with transaction.atomic():
            return Answer.objects.create(
                key=shown.key,
                visit=shown.visit,
                release_id=shown.release_id,
                kind=shown.kind,
                product_ids=list(shown.product_ids),
                name=shown.name,
                category=shown.category,
                good=shown.good,
                pair=shown.pair,
                swapped=shown.swapped,
                experiment_id=shown.experiment_id,
                teams=shown.teams,
                sketch=kept,
                n_bytes=n_bytes,
                at=timezone.now(),
            )
    except IntegrityError:  # reported twice at the same time
        return known.get()


def click_store(*, shown: Shown, product: int, rank: int, sketch: Sketch | None, address: str) -> None:
    """Store that a product was opened; the second time changes nothing.

    Raises ValidationError if the answer did not show this product at this rank, and what `answer_store` raises.
    """
    if not 1 <= rank <= len(shown.product_ids) or shown.product_ids[rank - 1] != product:
        raise exceptions.ValidationError({"rank": f"product {product} was not shown at rank {rank}"})
    answer = answer_store(shown=shown, sketch=sketch, address=address)
    if answer.clicks.filter(product=product).exists():
        return
    if not Product.objects.filter(pk=product).exists():
        raise exceptions.ValidationError({"product": "has been deleted"})
    CLICKS.take(address=address, n_bytes=0)
    Click.objects.get_or_create(answer=answer, product_id=product, defaults={"rank": rank})


def _kept(sketch: Sketch) -> dict[str, Any]:
    """Return a sketch as JSON with two decimals, a quarter of the length."""
    strokes = [np.round(stroke.astype(np.float64), 2).tolist() for stroke in sketch.strokes]
    return {"width": sketch.width, "height": sketch.height, "strokes": strokes}


def visit_erase(*, visit: str) -> int:
    """Delete all answers and clicks of a visit. Return the number of answers."""
    rows = Answer.objects.filter(visit=visit_hash(visit))
    n = rows.count()
    rows.delete()
    return n
