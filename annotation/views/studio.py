"""The operators' campaign pages: templates for frontend/src/studio/campaigns, which fetches its data from the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation.models import Campaign
from webapp.accounts.pages import operators_only
from webapp.catalog.tree import categories_on_sale, path_of


@require_safe
@operators_only
def campaigns(request: HttpRequest) -> HttpResponse:
    return _page(request, "list")


@require_safe
@operators_only
def campaign_new(request: HttpRequest) -> HttpResponse:
    return _page(request, "form")


@require_safe
@operators_only
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    return _page(request, "detail", campaign_id=found.pk, categories=_categories())


@require_safe
@operators_only
def campaign_edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    return _page(request, "form", campaign_id=found.pk)


@require_safe
@operators_only
def campaign_settle(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    return _page(request, "settle", campaign_id=found.pk)


@require_safe
@operators_only
def campaign_disputes(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    return _page(request, "disputes", campaign_id=found.pk)


@require_safe
@operators_only
def audit_log(request: HttpRequest) -> HttpResponse:
    """Show who changed what, in all campaigns or in the one that `?campaign=` names."""
    return _page(request, "audit")


def _page(request: HttpRequest, page: str, **data: Any) -> HttpResponse:
    return render(request, "annotation/studio.html", {"page_data": {"page": page, **data}})


def _categories() -> list[dict[str, Any]]:
    categories = categories_on_sale()
    return [
        {"slug": each.slug, "name": " › ".join(step.name for step in path_of(each))} for each in categories
    ]
