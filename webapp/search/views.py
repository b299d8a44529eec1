"""The draw page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from webapp.catalog.serializers import CountedCategorySerializer
from webapp.catalog.tree import categories_on_sale
from webapp.clicks.recording.policy import recording
from webapp.search.examples import invitation
from webapp.search.models import Share
from webapp.search.shares.quota import share_note_opened
from webapp.search.shares.selectors import share_payload


@require_safe
def draw(request: HttpRequest, share_id: str | None = None) -> HttpResponse:
    """Show the canvas and its results; with `share_id`, replay that sketch."""
    share = get_object_or_404(Share.objects.select_related("category"), pk=share_id) if share_id else None
    if share:
        share_note_opened(share)
    context = {
        "share": share_payload(share) if share else None,
        "invitation": invitation(),
        "categories": CountedCategorySerializer(categories_on_sale(), many=True).data,
        "recording": recording(),
    }
    return render(request, "search/draw.html", context)
