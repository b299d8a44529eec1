"""What the studio's page "Words" shows: categories, products and names, each with what it is recognised as and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import get_language
from numpy.typing import NDArray

from ml.vocabulary.fit import Reason
from ml.vocabulary.tables import names_table
from webapp.catalog.fits import computed_reasons, name_label
from webapp.catalog.models import Category, Product
from webapp.catalog.words.selectors import CatalogueFits, Corrections, catalogue_fits

FITTING = 0.5  # a product with this fit counts as answering a name
SHOWN_FROM = 0.05
MOST_SHOWN = 8


@dataclass(frozen=True)
class NameFit:
    """A name and how well it is answered; `origin` tells where that comes from, `word` in which word."""

    name: str
    label: str
    fit: float
    origin: str  # "name", "type", "category" or "correction"
    word: str = ""
    n_fitting: int = 0  # products of a category


@dataclass(frozen=True)
class CategoryRow:
    """A category with the mean fits of its products on sale."""

    slug: str
    name: str
    n_products: int
    is_corrected: bool
    names: list[NameFit]


@dataclass(frozen=True)
class ProductRow:
    """A product with its fits."""

    product: Product
    is_corrected: bool
    names: list[NameFit]


@dataclass(frozen=True)
class NameRow:
    """A name that a sketch may have, and how many products on sale answer it."""

    name: str
    label: str
    words: list[str]
    n_fitting: int
    best: float


def category_rows(categories: Sequence[Category]) -> list[CategoryRow]:
    """Return what categories are recognised as, in their order."""
    fits, corrections = catalogue_fits(), Corrections()
    means = [_means(fits, category.pk) for category in categories]
    shown = [
        _shown(mean, fitting, [fits.names.index(name) for name in corrections.of_category(category.pk)])
        for category, (mean, fitting, _) in zip(categories, means, strict=True)
    ]
    examples = _examples(fits, categories, shown)
    rows = []
    for category, (mean, fitting, n_products), places in zip(categories, means, shown, strict=True):
        own = corrections.of_category(category.pk)
        names = [
            _name_fit(
                fits.names[place],
                own.get(fits.names[place], float(mean[place])),
                fits.names[place] in own,
                examples.get((category.pk, place)),
                n_fitting=int(fitting[place]),
            )
            for place in places
        ]
        rows.append(CategoryRow(category.slug, category.name, n_products, bool(own), names))
    return rows


def product_rows(products: Sequence[Product]) -> list[ProductRow]:
    """Return what products are recognised as, in their order; `category` and `photos` should be fetched."""
    corrections = Corrections()
    rows = []
    for product in products:
        reasons, corrected = (
            computed_reasons(product.words),
            dict(corrections.of(product.pk, product.category_id)),
        )
        fits = {**{name: reason.fit for name, reason in reasons.items()}, **corrected}
        best = sorted(fits, key=lambda name: (name not in corrected, -fits[name], name))[:MOST_SHOWN]
        names = [
            _name_fit(name, fits[name], name in corrected, reasons.get(name))
            for name in sorted(best, key=lambda name: (-fits[name], name))
            if fits[name] >= SHOWN_FROM or name in corrected
        ]
        rows.append(ProductRow(product, bool(corrections.of_product(product.pk)), names))
    return rows


def name_rows() -> list[NameRow]:
    """Return every name, in the order of its label in the language of the request."""
    fits = catalogue_fits()
    counts = np.bincount(fits.groups, minlength=len(fits.rows))
    n_fitting = counts @ (fits.rows >= FITTING)
    best = fits.rows[counts > 0].max(axis=0, initial=0.0)
    rows = [
        NameRow(
            name.name,
            _label(name.name),
            [name.name, *name.de, *name.en],
            int(n_fitting[place]),
            float(best[place]),
        )
        for place, name in enumerate(names_table())
    ]
    return sorted(rows, key=lambda row: row.label.casefold())


def _means(fits: CatalogueFits, category_id: int) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """Return the mean fit of a category's products per name, how many of them answer it, and their number."""
    counts = np.bincount(fits.groups[fits.category_ids == category_id], minlength=len(fits.rows))
    used = counts > 0
    rows, weights = fits.rows[used], counts[used]
    return weights @ rows / max(1, weights.sum()), weights @ (rows >= FITTING), int(weights.sum())


def _shown(mean: NDArray[np.float64], fitting: NDArray[np.int64], corrected: list[int]) -> list[int]:
    """Return the places of the names to show: the best, those that any product answers, and all corrected ones."""
    told = np.flatnonzero((mean >= SHOWN_FROM) | (fitting > 0))
    best = told[np.argsort(-mean[told], kind="stable")][:MOST_SHOWN].tolist()
    return [*best, *(place for place in corrected if place not in best)]


def _examples(
    fits: CatalogueFits, categories: Sequence[Category], shown: Sequence[list[int]]
) -> dict[tuple[int, int], Reason]:
    """Return, per category and name, why the product that answers it best does."""
    best: dict[tuple[int, int], int] = {}
    for category, places in zip(categories, shown, strict=True):
        members = np.flatnonzero(fits.category_ids == category.pk)
        for place in places if len(members) else []:
            best[category.pk, place] = int(
                fits.product_ids[members[fits.rows[fits.groups[members], place].argmax()]]
            )
    products = Product.objects.select_related("category").in_bulk(set(best.values()))
    reasons = {pk: computed_reasons(product.words) for pk, product in products.items()}
    return {
        key: reason
        for key, pk in best.items()
        if pk in reasons and (reason := reasons[pk].get(fits.names[key[1]]))
    }


def _name_fit(
    name: str, fit: float, corrected: bool, reason: Reason | None, *, n_fitting: int = 0
) -> NameFit:
    origin = "correction" if corrected else reason.source if reason else "name"
    word = "" if corrected or reason is None else reason.word
    return NameFit(name, _label(name), round(fit, 2), origin, word, n_fitting)


def _label(name: str) -> str:
    return name_label(name, get_language() or "en")
