"""Pages that combine several apps: a product with similar ones, and how the site works."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException

from webapp.catalog.models import Attribute, Product
from webapp.catalog.selectors import products_on_sale
from webapp.catalog.tree import path_of
from webapp.http.markdown import markdown_html
from webapp.pages.figures import figures, large_figures
from webapp.registry.indexes.recogniser import recogniser
from webapp.registry.releases import live
from webapp.search.payloads import ProductPayload
from webapp.search.services import search_similar

N_SIMILAR = 12


@require_safe
def product(request: HttpRequest, product_id: int, slug: str) -> HttpResponse:
    """Show a product: its photos, its source, and similar products. An outdated name redirects.

    `?photo=2` shows the second photo large; a number that there is not shows the first.
    """
    found = get_object_or_404(products_on_sale(), pk=product_id)
    if request.path != found.url:
        return redirect(found, permanent=True)
    photos = list(found.photos.all())
    number = request.GET.get("photo", "")
    place = int(number) - 1 if number in {str(n) for n in range(1, len(photos) + 1)} else 0
    context = {
        "product": found,
        "path": path_of(found.category),
        "photos": photos,
        "photo": photos[place],
        "attributes": _attributes(found),
        "edges_url": photos[place].edges_url,
        "similar": _similar(found),
    }
    return render(request, "catalog/product.html", context)


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """Explain how the search works, with the live release's model card and metrics."""
    current = live.current()
    context = {
        "numbers": large_figures(current.metrics) if current else [],
        "metrics": figures(current.metrics) if current else [],
        "card": {"html": markdown_html(current.card)} if current and current.card else None,
        "recognises": recogniser() is not None,
    }
    return render(request, "how.html", context)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page that the service worker serves when offline."""
    return render(request, "offline.html")


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    return render(request, "service-worker.js", content_type="text/javascript; charset=utf-8")


def _similar(found: Product) -> list[ProductPayload]:
    """Return similar products; none before the first release, or while search is overloaded."""
    current = live.current()
    if current is None:
        return []
    try:
        answer = search_similar(product=found, k=N_SIMILAR, live=current)
    except APIException:
        return []
    return [result["product"] for result in answer["results"]]


def _attributes(found: Product) -> list[tuple[Attribute, object]]:
    """Return the product's attributes from the feed, each with its name and unit."""
    known = Attribute.objects.filter(key__in=found.attributes)
    return [(attribute, found.attributes[attribute.key]) for attribute in known]
