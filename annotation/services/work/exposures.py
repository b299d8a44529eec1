"""Exposures of photos to be drawn from memory: delivered by the server's clock, shown by the browser's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction

from annotation.models import Assignment, Campaign, Kind, Worker
from annotation.models.answers import RESPONSE_MAX_MS
from annotation.services.work.leases import assignment_locked
from webapp.http.problems import ConflictError

_SALT = "annotation.exposure"
_GRACE_S = 0.25  # a browser's timer may fire a little early
_TOLERANCE_MS = 1000  # between the server's time and the browser's: two requests, and the last frame
_FIELDS = [
    "exposure_started_at",
    "exposure_ended_at",
    "shown_started_at",
    "shown_ended_at",
    "shown_ms",
    "n_exposures",
]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the browser states: start and end by its own clock, and for how long the photo was visible."""

    started_at: datetime
    ended_at: datetime
    ms: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """When a photo was delivered, and the end received, by the server's clock; and when it was shown, if known."""

    assignment: Assignment
    started_at: datetime
    ended_at: datetime | None = None
    shown: Shown | None = None

    @property
    def delivered_ms(self) -> int | None:
        """The time between the server's two times."""
        if self.ended_at is None:
            return None
        return min(round((self.ended_at - self.started_at).total_seconds() * 1000), RESPONSE_MAX_MS)

    @property
    def differs(self) -> bool | None:
        """Whether the photo was shown for another time than it was delivered; None if either is unknown."""
        if self.delivered_ms is None or self.shown is None:
            return None
        return abs(self.delivered_ms - self.shown.ms) > _TOLERANCE_MS

    @property
    def times(self) -> dict[str, Any]:
        """All times as JSON."""
        shown = self.shown
        return {
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "delivered_ms": self.delivered_ms,
            "shown_started_at": shown.started_at.isoformat() if shown else None,
            "shown_ended_at": shown.ended_at.isoformat() if shown else None,
            "shown_ms": shown.ms if shown else None,
            "differs": self.differs,
        }

    @property
    def signed(self) -> str:
        """The times, signed by the server, as stored with the sketch."""
        return signing.Signer(salt=_SALT).sign_object({"assignment": self.assignment.pk, **self.times})


def exposure_verified(signed: str) -> dict[str, Any]:
    """Return the signed times. Raises Django's BadSignature for any other text."""
    times: dict[str, Any] = signing.Signer(salt=_SALT).unsign_object(signed)
    return times


def exposure_of(assignment: Assignment) -> Exposure | None:
    """Return the last exposure of an assignment's photo; None if there was none."""
    started, ended, ms = assignment.shown_started_at, assignment.shown_ended_at, assignment.shown_ms
    shown = Shown(started, ended, ms) if started and ended and ms is not None else None
    if assignment.exposure_started_at is None:
        return None
    return Exposure(assignment, assignment.exposure_started_at, assignment.exposure_ended_at, shown)


@transaction.atomic
def exposure_start(*, worker: Worker, assignment_id: int, now: datetime) -> Exposure:
    """Start the exposure of the photo, counting repetitions. Raises NotFound, ConflictError."""
    assignment = drawing_locked(worker, assignment_id)
    assignment.n_exposures += 1
    exposure = Exposure(assignment, now)
    _store(exposure)
    return exposure


@transaction.atomic
def exposure_end(
    *, worker: Worker, assignment_id: int, now: datetime, shown: Shown | None = None
) -> Exposure:
    """End the exposure of the photo; when repeated, the first end is kept. shown: what the browser states.

    Raises ConflictError before the exposure has lasted for the campaign's `exposure_s`.
    """
    assignment = drawing_locked(worker, assignment_id)
    exposure = exposure_of(assignment)
    if exposure is None:
        raise ConflictError("The photo has not been shown; start the exposure first.")
    if exposure.ended_at is None:
        left_s = assignment.enrolment.campaign.exposure_s - (now - exposure.started_at).total_seconds()
        if left_s > _GRACE_S:
            raise ConflictError(f"The exposure lasts another {left_s:.1f} s.")
        exposure = Exposure(assignment, exposure.started_at, now, shown)
        _store(exposure)
    return exposure


def drawing_locked(worker: Worker, assignment_id: int) -> Assignment:
    """Return a worker's locked assignment of a sketch campaign. Raises NotFound, ConflictError."""
    assignment = assignment_locked(worker=worker, assignment_id=assignment_id)
    campaign: Campaign = assignment.enrolment.campaign
    if campaign.kind != Kind.SKETCHES:
        raise ConflictError("This is not a sketch campaign.")
    assignment.refresh_from_db(fields=_FIELDS)  # at once: the lock reads only what every answer needs
    return assignment


def _store(exposure: Exposure) -> None:
    shown = exposure.shown
    Assignment.objects.filter(pk=exposure.assignment.pk).update(
        n_exposures=exposure.assignment.n_exposures,
        exposure_started_at=exposure.started_at,
        exposure_ended_at=exposure.ended_at,
        delivered_ms=exposure.delivered_ms,
        shown_started_at=shown.started_at if shown else None,
        shown_ended_at=shown.ended_at if shown else None,
        shown_ms=shown.ms if shown else None,
        exposure_differs=exposure.differs,
    )
