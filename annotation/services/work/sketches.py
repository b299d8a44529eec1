"""Sketches: donated by visitors with consent, or drawn from memory after an exposure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.models import Assignment, Sketch, Worker
from annotation.services.retention.quotas import GIFTS
from annotation.services.work.exposures import drawing_locked, exposure_of
from annotation.services.work.votes import Answer, Receipt, vote_cast
from ml.errors import SketchError
from ml.sketch.strokes import HAND_LIMITS, parse_sketch
from webapp.catalog.models import Product
from webapp.http.problems import ConflictError

GIFT_MAX_BYTES = 400_000


def visitor_sketch_create(*, sketch: Any, product: Product | None, now: datetime, address: str) -> Sketch:
    """Store a visitor's drawing, donated with consent.

    Raises SketchError naming the invalid coordinate, or if it is too large; also what `GIFTS.take` raises.
    """
    payload = parse_sketch(sketch, limits=HAND_LIMITS, field="sketch").to_payload()
    n_bytes = len(json.dumps(payload, separators=(",", ":")))
    if n_bytes > GIFT_MAX_BYTES:
        raise SketchError("sketch", f"{n_bytes} bytes; a donated sketch may have at most {GIFT_MAX_BYTES}")
    GIFTS.take(address=address, n_bytes=n_bytes)
    return Sketch.objects.create(
        source=Sketch.Source.VISITOR, strokes=payload, n_bytes=n_bytes, product=product, consented_at=now
    )


@transaction.atomic
def sketch_submit(
    *,
    worker: Worker,
    assignment_id: int,
    sketch: Any,
    idempotency_key: str,
    now: datetime,
    response_ms: int | None = None,
    device_class: str = "",
) -> Receipt:
    """Store a drawing made from memory as an answer; `sketch=None` reports that it can't be drawn.

    Raises SketchError, NotFound, ConflictError if the photo has not been shown and hidden.
    """
    assignment = drawing_locked(worker, assignment_id)
    earlier = assignment.votes.filter(idempotency_key=idempotency_key).select_related("sketch").first()
    drawn = earlier.sketch if earlier else None
    if sketch is not None and drawn is None:
        drawn = _drawn(assignment, sketch)
    answer = Answer(
        choice="cant" if sketch is None else "drawn",
        idempotency_key=idempotency_key,
        response_ms=response_ms,
        device_class=device_class,
        sketch=drawn,
    )
    return vote_cast(worker=worker, assignment_id=assignment_id, answer=answer, now=now)


def _drawn(assignment: Assignment, sketch: Any) -> Sketch:
    exposure = exposure_of(assignment)
    if exposure is None or exposure.ended_at is None:
        raise ConflictError("The photo must be shown and hidden before the sketch is submitted.")
    payload = parse_sketch(sketch, limits=HAND_LIMITS, field="sketch").to_payload()
    return Sketch.objects.create(
        source=Sketch.Source.COLLECTED,
        strokes=payload,
        product=assignment.task.product,
        consented_at=assignment.worker.consented_at,
        exposure={**exposure.times, "n": assignment.n_exposures, "signed": exposure.signed},
    )
