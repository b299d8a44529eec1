"""Pages of the catalogue. The page of a product, which needs search, is in `webapp.pages.views`."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.catalog.selectors import categories_on_sale, products_on_sale, search_words

PAGE_SIZE = 48


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Browse products: `?category=` a slug, `?q=` words, `?page=`."""
    q = " ".join(search_words(request.GET.get("q", "")))
    slug = request.GET.get("category", "")
    categories = categories_on_sale()
    category = next((category for category in categories if category.slug == slug), None)
    if slug and category is None:
        raise Http404("no such category")
    pages = Paginator(products_on_sale(category=slug, q=q), PAGE_SIZE)
    context = {
        "categories": categories,
        "category": category,
        "q": q,
        "page_obj": pages.get_page(request.GET.get("page")),
        "result_count": pages.count,
    }
    return render(request, "catalog/browse.html", context)
