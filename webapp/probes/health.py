"""Is the process up, and can it serve? For load balancers and `make demo`."""

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
from webapp.registry.releases import live
from webapp.stores.broker import broker_try

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all that a search needs is there, else 503; each part is named. Causes go to the log alone."""
    parts = {name: _works(name, probe) for name, probe in _PROBES.items()}
    ready = all(parts.values())
    body = {"ready": ready, **{name: "ok" if works else "failed" for name, works in parts.items()}}
    if parts["live_release"]:
        body |= _numbers()
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures, for operators: signed in, or with an API token as bearer."""
    if operator_of(request) is None:
        return HttpResponse("for operators only\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    response = cast(HttpResponse, ExportToDjangoView(request))
    response.content += site_metrics()
    return response


def _numbers() -> dict[str, str]:
    """With which numbers this process answers, which may be others than the model asks for."""
    release = live.current()
    if release is None:
        return {}
    told = {"encoder": f"{release.precision} instead of int8" if release.fallback else release.precision}
    if release.fallback:
        told["encoder_reason"] = release.fallback
    if live.is_behind():
        told["live_release"] = "behind: another release was promoted and could not be loaded"
    return told


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
        broker_try(broker)  # a connection alone says nothing of a full disk, or of a folder that is gone


def _live_release() -> None:
    if live.current() is None:
        raise LookupError("no live release")


_PROBES: dict[str, Callable[[], None]] = {
    "database": _database,
    "broker": _broker,
    "live_release": _live_release,
}
