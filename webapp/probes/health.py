"""Liveness, readiness and metrics, for load balancers, monitoring and `make demo`."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from webapp.accounts.authentication import operator_of
from webapp.celery import app
from webapp.probes.site_metrics import site_metrics
from webapp.registry.indexes.recogniser import recogniser_status
from webapp.registry.releases import live
from webapp.stores.broker import broker_try

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return 200 if everything that a search needs is available, else 503, naming each part. Causes are only logged."""
    parts = {name: _works(name, probe) for name, probe in _PROBES.items()}
    ready = all(parts.values())
    body = {"ready": ready, **{name: "ok" if works else "failed" for name, works in parts.items()}}
    if parts["live_release"]:
        body |= _numbers()
    if status := recogniser_status():  # without a recogniser, searches rank by shape
        body["recogniser"] = status
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return Prometheus metrics, for operators: signed in, or with an API token as bearer."""
    if operator_of(request) is None:
        return HttpResponse("for operators only\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    response = cast(HttpResponse, ExportToDjangoView(request))
    response.content += site_metrics()
    return response


def _numbers() -> dict[str, str]:
    """Return the precision with which this process encodes, which may differ from the model's."""
    release = live.current()
    if release is None:
        return {}
    numbers = {"encoder": f"{release.precision} instead of int8" if release.fallback else release.precision}
    if release.fallback:
        numbers["encoder_reason"] = release.fallback
    if live.is_behind():
        numbers["live_release"] = "behind: another release was promoted and could not be loaded"
    return numbers


def _works(name: str, probe: Callable[[], None]) -> bool:
    try:
        probe()
    except Exception as error:
        log.warning("not_ready", part=name, error=str(error))
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
        broker_try(broker)  # a connection alone does not detect a full disk or a missing folder


def _live_release() -> None:
    if live.current() is None:
        raise LookupError("no live release")


_PROBES: dict[str, Callable[[], None]] = {
    "database": _database,
    "broker": _broker,
    "live_release": _live_release,
}
