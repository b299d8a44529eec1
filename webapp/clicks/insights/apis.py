"""REST API of insights, for operators: figures as JSON, and each table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.operators import OperatorApi
from webapp.clicks.insights import serializers as s
from webapp.clicks.insights.selectors import category_poor_rows, day_rows, mean_rank, name_poor_rows
from webapp.clicks.recording.policy import recording

_TABLES: dict[str, tuple[Callable[..., Sequence[Any]], tuple[str, ...]]] = {
    "days": (day_rows, ("day", "searches", "with_click", "mean_rank")),
    "names": (name_poor_rows, ("name", "label", "searches", "poor", "with_click", "n_products")),
    "categories": (category_poor_rows, ("slug", "label", "searches", "poor", "with_click")),
}


class InsightsApi(OperatorApi):
    """What visitors draw and open."""

    @extend_schema(
        parameters=[s.PeriodSerializer], responses=s.InsightsSerializer, operation_id="insights_retrieve"
    )
    def get(self, request: Request) -> Response:
        params = _params(s.PeriodSerializer, request)
        days, now = params["days"], timezone.now()
        policy = recording()
        rows = day_rows(days=days, now=now)
        content = {
            "mode": policy["mode"],
            "kept_days": policy["days"],
            "searches": sum(row.searches for row in rows),
            "with_click": sum(row.with_click for row in rows),
            "mean_rank": mean_rank(days=days, now=now),
            "days": rows,
            "names": name_poor_rows(days=days, now=now),
            "categories": category_poor_rows(days=days, now=now),
        }
        return Response(s.InsightsSerializer(content).data)


class InsightsCsvApi(OperatorApi):
    """One table of the insights as CSV."""

    @extend_schema(
        parameters=[s.TableSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="insights_csv",
    )
    def get(self, request: Request) -> HttpResponse:
        params = _params(s.TableSerializer, request)
        read, columns = _TABLES[params["table"]]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for row in read(days=params["days"], now=timezone.now()):
            writer.writerow([_cell(getattr(row, column)) for column in columns])
        name = f"sketchfind-{params['table']}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _params(kind: type[s.PeriodSerializer], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.query_params.dict())
    serializer.is_valid(raise_exception=True)
    params: dict[str, Any] = serializer.validated_data
    return params


def _cell(value: object) -> object:
    """Return a value for a spreadsheet, which would run a name that begins like a formula."""
    if isinstance(value, float):
        return round(value, 3)
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
