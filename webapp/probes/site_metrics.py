"""Prometheus metrics of the whole site, read from the database and the broker on each scrape.

Every replica reports the same, except for its own encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import structlog
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import Count, Model
from django.utils import timezone
from kombu.exceptions import ChannelError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from annotation.models import Vote
from annotation.services.retention.quotas import GIFTS, WORKERS
from webapp.celery import app
from webapp.registry.indexes.recogniser import FAILED, recogniser_status
from webapp.registry.models import IndexBuild, LivePointer, RecordedQuery, TrainingRun
from webapp.registry.models.runs import WorkerBeat
from webapp.registry.releases import live
from webapp.search.shares.quota import SHARES

log = structlog.get_logger(__name__)

QUEUES = ("train", "index", "default")
_BROKER_WAIT_S = 2
_ALIVE = timedelta(seconds=30)


class SiteCollector(Collector):
    """A metric that fails, such as when the broker is unavailable, is left out and logged; the others are reported."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for part in _PARTS:
            try:
                yield part()
            except Exception as error:
                log.warning("metric_left_out", part=part.__name__, error=str(error))


def site_metrics() -> bytes:
    """Return the text that Prometheus scrapes."""
    return generate_latest(_registry)


def _release_number() -> GaugeMetricFamily:
    number = LivePointer.objects.filter(pk=1).values_list("number", flat=True).first()
    return GaugeMetricFamily(
        "sketchfind_release_number", "Moves of the live pointer so far", value=number or 0
    )


def _encoder_fallback() -> GaugeMetricFamily:
    release = live.current()
    return GaugeMetricFamily(
        "sketchfind_encoder_fallback",
        "1 if this process runs the encoder in fp32 because int8 differs on its processor",
        value=int(bool(release and release.fallback)),
    )


def _recogniser_failed() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "sketchfind_recogniser_failed",
        "1 if this process cannot load the recogniser and ranks by shape alone",
        value=int(recogniser_status() == FAILED),
    )


def _votes_counted() -> GaugeMetricFamily:
    counted = Vote.objects.filter(counted=True).count()
    return GaugeMetricFamily("sketchfind_votes_counted", "Votes that count", value=counted)


def _training_runs() -> GaugeMetricFamily:
    return _open("sketchfind_training_runs", "Queued or running training runs", TrainingRun)


def _index_builds() -> GaugeMetricFamily:
    return _open("sketchfind_index_builds", "Queued or running index builds", IndexBuild)


def _workers() -> GaugeMetricFamily:
    alive = WorkerBeat.objects.filter(alive_at__gte=timezone.now() - _ALIVE).count()
    return GaugeMetricFamily("sketchfind_workers", "Worker processes with a recent heartbeat", value=alive)


def _queue_waiting() -> GaugeMetricFamily:
    family = GaugeMetricFamily("sketchfind_queue_waiting", "Jobs waiting for a worker", labels=["queue"])
    with app.connection_for_read() as broker:
        broker.ensure_connection(max_retries=1, timeout=_BROKER_WAIT_S)
        for name in QUEUES:
            try:
                found = broker.default_channel.queue_declare(queue=name, passive=True)
                waiting = found.message_count
            except ChannelError:  # Redis has no empty lists
                waiting = 0
            family.add_metric([name], waiting)
    return family


def _anonymous_rows() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "sketchfind_anonymous_rows", "Rows created by anonymous visitors", labels=["kind"]
    )
    for quota in _QUOTAS:
        family.add_metric([quota.kind], quota.totals().rows)
    for kind, model in _OTHER_ROWS.items():
        family.add_metric([kind], model._default_manager.count())
    return family


def _anonymous_bytes() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "sketchfind_anonymous_bytes", "Bytes of rows created by anonymous visitors", labels=["kind"]
    )
    for quota in _QUOTAS:
        family.add_metric([quota.kind], quota.totals().n_bytes)
    return family


def _open(name: str, help: str, model: type[Model]) -> GaugeMetricFamily:
    rows = model._default_manager.filter(status__in=_OPEN).order_by().values_list("status")
    found: dict[str, int] = dict(rows.annotate(Count("pk")))
    family = GaugeMetricFamily(name, help, labels=["status"])
    for status in _OPEN:
        family.add_metric([status], found.get(status, 0))
    return family


_QUOTAS = (SHARES, GIFTS, WORKERS)
_OTHER_ROWS: dict[str, type[Model]] = {
    "failed logins": AccessAttempt,
    "logins": AccessLog,
    "recorded queries": RecordedQuery,
    "sessions": Session,
}
_OPEN = ("queued", "running")
_PARTS: Iterable[Callable[[], GaugeMetricFamily]] = (
    _release_number,
    _encoder_fallback,
    _recogniser_failed,
    _votes_counted,
    _training_runs,
    _index_builds,
    _workers,
    _queue_waiting,
    _anonymous_rows,
    _anonymous_bytes,
)
_registry = CollectorRegistry(auto_describe=False)
_registry.register(SiteCollector())
