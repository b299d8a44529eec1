"""The candidates of each sketch in the order that the votes give, as a file for operators."""

from __future__ import annotations

import csv
import io

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request

from annotation.models import Campaign
from annotation.services.tasks.orders import COLUMNS, order_rows
from webapp.accounts.operators import OperatorApi


class OrdersApi(OperatorApi):
    """Export the order of each sketch's candidates as CSV, with the risk that neighbours are in the wrong order."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, operation_id="campaigns_orders")
    def get(self, request: Request, campaign_id: int) -> HttpResponse:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(order_rows(campaign))
        headers = {"Content-Disposition": f'attachment; filename="orders-{campaign.pk}.csv"'}
        return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
