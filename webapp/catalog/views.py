"""Pages of the catalogue. The page of a product, which needs search, is in `webapp.pages.views`."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.catalog.models import Category
from webapp.catalog.selectors import products_on_sale, search_words
from webapp.catalog.tree import categories_on_sale, path_of

PAGE_SIZE = 48


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Browse products: `?category=` a slug, whose branch is shown, `?q=` words, `?page=`."""
    q = " ".join(search_words(request.GET.get("q", "")))
    slug = request.GET.get("category", "")
    categories = categories_on_sale()
    category = next((category for category in categories if category.slug == slug), None)
    if slug and category is None:
        raise Http404("no such category")
    pages = Paginator(products_on_sale(category=slug, q=q), PAGE_SIZE)
    path = path_of(category) if category else []
    context = {
        "categories": _opened(categories, path),
        "category": category,
        "path": path[:-1],
        "q": q,
        "page_obj": pages.get_page(request.GET.get("page")),
        "result_count": pages.count,
    }
    return render(request, "catalog/browse.html", context)


def _opened(categories: list[Category], path: list[Category]) -> list[Category]:
    """Return the categories of a tree that is opened along a path: the top, and what is within each on the path."""
    on_path = {category.pk for category in path}
    return [
        category for category in categories if category.parent_id is None or category.parent_id in on_path
    ]
