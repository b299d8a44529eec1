"""Sketches: donated by visitors with consent, or drawn from memory after an exposure timed by the server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import F

from annotation.models import Assignment, Campaign, Kind, Sketch, Worker
from annotation.services.retention.quotas import GIFTS
from annotation.services.work.leases import assignment_locked
from annotation.services.work.votes import Answer, Receipt, vote_cast
from ml.errors import SketchError
from ml.sketch.strokes import HAND_LIMITS, parse_sketch
from webapp.catalog.models import Product
from webapp.http.problems import ConflictError

GIFT_MAX_BYTES = 400_000
_SALT = "annotation.exposure"
_GRACE_S = 0.25  # a browser's timer may fire a little early


@dataclass(frozen=True, slots=True)
class Exposure:
    """When a photo was shown and hidden, by the server's clock."""

    assignment: Assignment
    started_at: datetime
    ended_at: datetime | None = None

    @property
    def signed(self) -> str:
        """The times, signed by the server, as stored with the sketch."""
        ended = self.ended_at.isoformat() if self.ended_at else None
        times = {
            "assignment": self.assignment.pk,
            "started_at": self.started_at.isoformat(),
            "ended_at": ended,
        }
        return signing.Signer(salt=_SALT).sign_object(times)


def exposure_verified(signed: str) -> dict[str, Any]:
    """Return the signed times. Raises Django's BadSignature for any other text."""
    times: dict[str, Any] = signing.Signer(salt=_SALT).unsign_object(signed)
    return times


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
def exposure_start(*, worker: Worker, assignment_id: int, now: datetime) -> Exposure:
    """Start the exposure of the photo, counting repetitions. Raises NotFound, ConflictError."""
    assignment = _drawing(worker, assignment_id)
    Assignment.objects.filter(pk=assignment.pk).update(
        exposure_started_at=now, exposure_ended_at=None, n_exposures=F("n_exposures") + 1
    )
    return Exposure(assignment, now)


@transaction.atomic
def exposure_end(*, worker: Worker, assignment_id: int, now: datetime) -> Exposure:
    """End the exposure of the photo; when repeated, the first end is kept.

    Raises ConflictError before the exposure has lasted for the campaign's `exposure_s`.
    """
    assignment = _drawing(worker, assignment_id)
    started, ended = assignment.exposure_started_at, assignment.exposure_ended_at
    if started is None:
        raise ConflictError("The photo has not been shown; start the exposure first.")
    if ended is None:
        left_s = assignment.enrolment.campaign.exposure_s - (now - started).total_seconds()
        if left_s > _GRACE_S:
            raise ConflictError(f"The exposure lasts another {left_s:.1f} s.")
        ended = now
        Assignment.objects.filter(pk=assignment.pk).update(exposure_ended_at=now)
    return Exposure(assignment, started, ended)


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
    assignment = _drawing(worker, assignment_id)
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
    started, ended = assignment.exposure_started_at, assignment.exposure_ended_at
    if started is None or ended is None:
        raise ConflictError("The photo must be shown and hidden before the sketch is submitted.")
    payload = parse_sketch(sketch, limits=HAND_LIMITS, field="sketch").to_payload()
    return Sketch.objects.create(
        source=Sketch.Source.COLLECTED,
        strokes=payload,
        product=assignment.task.product,
        consented_at=assignment.worker.consented_at,
        exposure={
            "started_at": started.isoformat(),
            "ended_at": ended.isoformat(),
            "n": assignment.n_exposures,
            "signed": Exposure(assignment, started, ended).signed,
        },
    )


def _drawing(worker: Worker, assignment_id: int) -> Assignment:
    assignment = assignment_locked(worker=worker, assignment_id=assignment_id)
    campaign: Campaign = assignment.enrolment.campaign
    if campaign.kind != Kind.SKETCHES:
        raise ConflictError("This is not a sketch campaign.")
    return assignment
