"""The messages of `/ws/runs/{id}/`."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from webapp.registry.runs.selectors import LogLine, MetricRow


class StateMessage(TypedDict):
    """The run as in `RunSerializer`, with its newest gate report."""

    type: Literal["state"]
    run: dict[str, Any]


class MetricsMessage(TypedDict):
    """Rows newer than the page has; `last_id` is the newest one's id."""

    type: Literal["metrics"]
    last_id: int
    rows: list[MetricRow]


class LogMessage(TypedDict):
    """Lines newer than the page has."""

    type: Literal["log"]
    lines: list[LogLine]


class ResumeMessage(TypedDict):
    """From the page: what it already has."""

    type: Literal["resume"]
    after_metric: int
    after_log: int
