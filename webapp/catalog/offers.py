"""What a product costs and whether it can be had, as pages, results and the API show it."""

from __future__ import annotations

from typing import TypedDict

from babel import Locale
from babel.numbers import format_currency
from django.utils.translation import get_language

from webapp.catalog.models import Product


class PricePayload(TypedDict):
    """`amount` is a decimal number as a text; `text` is the price in the request's language."""

    amount: str
    currency: str
    text: str


class OfferPayload(TypedDict):
    """`link`: the product's page in the shop, or "". `availability`: "" if the shop says nothing."""

    link: str
    price: PricePayload | None
    availability: str
    brand: str


def price_payload(product: Product) -> PricePayload | None:
    """Return the price in the active language; None if the shop says none."""
    if product.price is None:
        return None
    language = "de" if (get_language() or "").startswith("de") else "en"
    text = format_currency(product.price, product.currency, locale=Locale(language))
    return {"amount": f"{product.price.normalize():f}", "currency": product.currency, "text": text}


def offer_payload(product: Product) -> OfferPayload:
    return {
        "link": product.link,
        "price": price_payload(product),
        "availability": product.availability,
        "brand": product.brand,
    }
