"""The operators' pages of campaigns. Each is a frame for frontend/src/campaigns, which asks the API for the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation.models import Campaign
from webapp.accounts.models import User
from webapp.catalog.selectors import categories_on_sale


def operators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Strangers are asked to sign in; who is signed in and no operator is refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not request.user.is_operator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


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


def _page(request: HttpRequest, page: str, **data: Any) -> HttpResponse:
    return render(request, "annotation/studio.html", {"page_data": {"page": page, **data}})


def _categories() -> list[dict[str, Any]]:
    return [{"slug": shelf.slug, "name": shelf.name} for shelf in categories_on_sale()]
