"""One worker's turn at a host: fetch what is due, until time is up."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.conf import settings
from django.db.models import Min, Q
from django.utils import timezone

from ml.errors import SketchfindError, gettext_noop
from ml.images.decode import TOO_COSTLY, ImageLimits
from webapp.catalog.fetching.addresses import Policy
from webapp.catalog.fetching.client import Fetcher, Limits, Validators
from webapp.catalog.fetching.errors import FetchError
from webapp.catalog.importer.files import file_names
from webapp.catalog.importer.photos import PHOTO_PX, sha256_of
from webapp.catalog.models import Photo, PictureHost, RemotePicture
from webapp.catalog.remote.pace import Pace
from webapp.catalog.remote.preparing import Preparing
from webapp.catalog.remote.settling import Outcome, outcomes_store
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import Lease, LeaseLostError, claim, unattended

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
TURN_S = 60.0  # then other jobs of the queue get their turn
GIVE_UP_AFTER = 10  # turns without any answer: about six hours
_BATCH = 32
_NO_ANSWER = gettext_noop("its server does not answer")
_PAUSE_S, _MAX_PAUSE_S = 30.0, 3600.0
Status = PictureHost.Status


def pictures_fetch(*, host_id: int, turn_s: float = TURN_S) -> datetime | None:
    """Fetch a host's pictures unless another worker does, for about `turn_s` seconds.

    Returns when the host is due again; None if nothing waits, or another worker has it.
    """
    now = timezone.now()
    due = PictureHost.objects.filter(due_at__lte=now)
    lease = claim(due, host_id, now=now, expires_after=LEASE)
    if lease is None:
        return None
    try:
        with Heartbeat(lease.keep):
            pause_s, answered = _turn(lease, monotonic() + turn_s)
        return _release(lease, pause_s, answered=answered)
    except LeaseLostError:
        log.warning("picture_host_taken_over", host=host_id)
    return None


def hosts_due(*, now: datetime) -> list[int]:
    """Return the hosts that should have a worker; also those whose wake-up was lost."""
    forgotten = PictureHost.objects.filter(status=Status.IDLE, pictures__status="waiting")
    PictureHost.objects.filter(pk__in=forgotten.values("pk")).update(status=Status.QUEUED, due_at=now)
    waiting = PictureHost.objects.filter(due_at__lte=now)
    queued: list[int] = list(waiting.filter(status=Status.QUEUED).values_list("pk", flat=True))
    return queued + [pk for pk in unattended(waiting, now=now, after=LEASE) if pk not in queued]


def _turn(lease: Lease, ends: float) -> tuple[float | None, bool]:
    """Return how long the host asked to be left alone, if it did, and whether it answered with any picture."""
    pace = Pace(settings.PICTURE_REQUESTS_PER_S)
    limits = ImageLimits(max_bytes=settings.IMAGE_MAX_BYTES, reduce_to_px=PHOTO_PX)
    answered = tried = False
    with (
        Fetcher(Policy(settings.PRIVATE_PICTURE_HOSTS), Limits(settings.IMAGE_MAX_BYTES)) as fetcher,
        Preparing(limits) as preparing,
        ThreadPoolExecutor(settings.PICTURE_CONNECTIONS) as pool,
    ):
        while monotonic() < ends and pace.pause_s is None and (batch := _due(lease.pk)):
            asked = _Asking(fetcher, preparing, pace, _held(batch))
            outcomes = [outcome for outcome in pool.map(asked.outcome, batch) if outcome is not None]
            lease.keep()  # before anything is written, since another worker may hold it by now
            outcomes_store(outcomes, now=timezone.now())
            tried = True
            answered |= any(not outcome.retry for outcome in outcomes)
            if not answered:
                break
    return pace.pause_s, answered or not tried


def _release(lease: Lease, pause_s: float | None, *, answered: bool) -> datetime | None:
    now = timezone.now()
    host = PictureHost.objects.get(pk=lease.pk)
    failures = 0 if answered else host.failures + 1
    if failures >= GIVE_UP_AFTER:
        _give_up(lease, now)
    if failures or pause_s is not None:
        waits = _PAUSE_S * 2 ** min(max(failures - 1, 0), 10)
        pause_s = min(max(pause_s or 0.0, waits if failures else 1.0), max(_MAX_PAUSE_S, pause_s or 0.0))
    waiting = RemotePicture.objects.filter(host=lease.pk, status=RemotePicture.Status.WAITING)
    first: datetime | None = waiting.aggregate(first=Min("due_at"))["first"]
    if first is None:
        lease.write(status=Status.IDLE, failures=0)
        return None
    due = max(first, now + timedelta(seconds=pause_s or 0.0))
    lease.write(status=Status.QUEUED, due_at=due, failures=failures)
    return due


def _give_up(lease: Lease, now: datetime) -> None:
    """Fail everything that waits for a host that has not answered for hours."""
    waiting = RemotePicture.objects.filter(host=lease.pk, status=RemotePicture.Status.WAITING)
    while batch := list(waiting.select_related("product")[:_BATCH]):
        lease.keep()
        outcomes_store([Outcome(one, error=FetchError(one.error or _NO_ANSWER)) for one in batch], now=now)


def _due(host_id: int) -> list[RemotePicture]:
    due = Q(host=host_id, status=RemotePicture.Status.WAITING, due_at__lte=timezone.now())
    return list(RemotePicture.objects.filter(due).select_related("product").order_by("due_at", "pk")[:_BATCH])


def _held(batch: Sequence[RemotePicture]) -> set[tuple[int, str, str]]:
    """Return product, URL and file of the photos that these pictures are already."""
    photos = Photo.objects.filter(product__in={picture.product_id for picture in batch}).exclude(url="")
    return set(photos.values_list("product_id", "url", "file"))


class _Asking:
    """Asks a host for pictures, from several threads."""

    def __init__(
        self, fetcher: Fetcher, preparing: Preparing, pace: Pace, held: set[tuple[int, str, str]]
    ) -> None:
        self._fetcher, self._preparing, self._pace, self._held = fetcher, preparing, pace, held

    def outcome(self, picture: RemotePicture) -> Outcome | None:
        """Return what became of a picture; None if it was not asked for, because the host has asked for a pause."""
        if not self._pace.turn():
            return None
        is_held = self._is_held(picture, picture.sha256)
        known = Validators(picture.etag, picture.last_modified) if is_held else Validators()
        try:
            fetched = self._fetcher.fetch(picture.url, known)
            if fetched.data is None or self._is_held(picture, sha256_of(fetched.data)):
                return Outcome(picture, fetched.validators)
            return Outcome(picture, fetched.validators, self._preparing.prepared(fetched.data))
        except FetchError as error:
            if error.retry_after_s is not None:
                self._pace.stop(error.retry_after_s)
            return Outcome(picture, error=error, retry=error.transient)
        except SketchfindError as error:  # not an image, or one beyond the limits
            return Outcome(picture, error=error, retry=error.template == TOO_COSTLY)

    def _is_held(self, picture: RemotePicture, sha256: str) -> bool:
        """Return whether the product has this picture, prepared as it would be today."""
        file = file_names(picture.product.sku, sha256)[0]
        return bool(sha256) and (picture.product_id, picture.url, file) in self._held
