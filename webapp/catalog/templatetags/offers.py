"""What a product costs, whether it can be had and where, in templates: of models and of results alike."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template

from webapp.catalog.models import Availability, Product
from webapp.catalog.offers import price_payload

register = template.Library()


@register.filter
def price_text(product: Any) -> str:
    """Return the price in the page's language; "" if there is none."""
    price = price_payload(product) if isinstance(product, Product) else product.get("price")
    return price["text"] if price else ""


@register.filter
def availability_label(code: str) -> str:
    """Return an availability in the page's language."""
    return str(Availability(code).label) if code in Availability.values else ""


@register.filter
def host(link: str) -> str:
    """Return the shop that a link leads to."""
    return (urlsplit(link).hostname or "").removeprefix("www.")


@register.filter
def listed(value: Any) -> Any:
    """Return the value of an attribute, a list with commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value
