"""Weak triplets of all recorded answers whose visitors agreed that their drawings are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, F, OuterRef, Q

from annotation.snapshots.content import Shares
from ml.clicks.position_bias import PositionBias, estimate
from ml.clicks.weak_triplets import weak_triplets
from ml.contracts.snapshot import ClickRow
from ml.contracts.split import Split
from webapp.catalog.models import Product
from webapp.clicks.models import Answer, Click


@dataclass(frozen=True)
class Taught:
    """An answer that teaches something: its sketch's key and split, the category of what was opened, its triplets."""

    answer: Answer
    key: str
    category: str
    split: Split
    rows: list[ClickRow]


@dataclass(frozen=True)
class Collected:
    """answers: oldest first. products: by SKU, those of the triplets, each with a photo. splits: theirs."""

    answers: list[Taught]
    products: dict[str, Product]
    splits: dict[str, Split]
    bias: PositionBias
    n_clicks: int


def position_bias() -> PositionBias:
    """Return the site's position bias, from the clicks on pairs that a coin ordered."""
    on_pairs = Click.objects.filter(
        Q(rank=F("answer__pair")) | Q(rank=F("answer__pair") + 1), answer__pair__gt=0
    )
    rows = np.array(list(on_pairs.values_list("answer__pair", "rank")), np.int64).reshape(-1, 2)
    return estimate(rows[:, 0], rows[:, 1] > rows[:, 0])


def clicks_collect(*, known: Mapping[str, Split], shares: Shares) -> Collected:
    """Return the weak triplets. known: splits of products that are already in the snapshot; others get one by `shares`.

    A sketch is in the split of the first product that was opened; training sees only products of its own split. Answers
    of experiments are left out, because two rankings produced them.
    """
    bias = position_bias()
    clicked = Exists(Click.objects.filter(answer=OuterRef("pk")))
    answers = Answer.objects.filter(clicked, kind=Answer.Kind.SKETCH, sketch__isnull=False, experiment=None)
    answers = answers.order_by("pk").prefetch_related("clicks")
    products = _products(answers.values_list("product_ids", flat=True))
    splits: dict[str, Split] = {
        product.sku: known.get(product.sku) or shares.of(product.sku) for product in products.values()
    }
    found: list[Taught] = []
    n_clicks = 0
    for answer in answers.iterator(chunk_size=500):
        opened = [click.product_id for click in sorted(answer.clicks.all(), key=lambda click: click.rank)]
        first = next((products[pk] for pk in opened if pk in products), None)
        if first is None:
            continue
        split, key = splits[first.sku], f"click-{answer.key}"
        rows: list[ClickRow] = []
        for each in weak_triplets(answer.product_ids, opened, bias):
            better, worse = products.get(each.opened), products.get(each.passed_over)
            if better is None or worse is None or splits[better.sku] != split:
                continue
            if split == "train" and splits[worse.sku] != "train":
                continue
            rows.append(
                {
                    "sketch": key,
                    "opened": better.sku,
                    "passed_over": worse.sku,
                    "weight": round(each.weight, 6),
                    "split": split,
                }
            )
        if rows:
            n_clicks += len({row["opened"] for row in rows})
            found.append(Taught(answer, key, first.category.slug, split, rows))
    used = {sku for taught in found for row in taught.rows for sku in (row["opened"], row["passed_over"])}
    by_sku = {product.sku: product for product in products.values() if product.sku in used}
    return Collected(found, dict(sorted(by_sku.items())), splits, bias, n_clicks)


def _products(shown: object) -> dict[int, Product]:
    """Return the products that were shown and still have a photo, by id."""
    ids = {pk for product_ids in shown for pk in product_ids}  # type: ignore[attr-defined]
    found = Product.objects.filter(pk__in=ids).select_related("category").prefetch_related("photos")
    return {product.pk: product for product in found if product.main_photo}
