"""The Prometheus metrics of each web process. Every label has a few fixed values.

If several processes share an address (gunicorn), prometheus-client adds them up through files.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django_prometheus.middleware import PrometheusAfterMiddleware
from prometheus_client import Counter, Gauge, Histogram

QUERY_SECONDS = Histogram(
    "sketchfind_query_seconds",
    "Seconds of a search by stage; total is from the validated request to the ranked list",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.015, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
REPLICAS = Gauge(
    "sketchfind_replicas", "Web processes that hold a live release in memory", multiprocess_mode="livesum"
)
REPLICA_RELEASE_NUMBER = Gauge(
    "sketchfind_replica_release_number",
    "Last move of the live pointer that the process has followed; the minimum over several processes",
    multiprocess_mode="livemin",
)
QUOTA_REFUSED = Counter(
    "sketchfind_quota_refused",
    "Anonymous rows refused, by kind and quota",
    ["kind", "quota"],
)


def query_observe(*, raster: float, encode: float, search: float, total: float) -> None:
    """Observe the stages of one answered search, in milliseconds; a stage of 0 ms was skipped."""
    for stage, took_ms in (("raster", raster), ("encode", encode), ("search", search), ("total", total)):
        if took_ms > 0:
            QUERY_SECONDS.labels(stage).observe(took_ms / 1e3)


def release_observe(number: int) -> None:
    """Report that this process now answers from the release with that number."""
    REPLICAS.set(1)
    REPLICA_RELEASE_NUMBER.set(number)


class RequestMetricsMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc]  # untyped
    """Bounds the label `method`, which in django-prometheus is whatever method a client makes up."""

    def label_metric(self, metric: Any, request: HttpRequest, response: Any = None, **labels: Any) -> Any:
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)
