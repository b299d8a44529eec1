"""The candidates of each sketch in the order that the campaign's votes give, pairs inferred that nobody was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from annotation.models import Campaign, CandidateSet
from annotation.services.tasks.rounds import judged_of
from webapp.catalog.models import Product

COLUMNS = ("sketch", "rank", "product", "strength", "risk_to_next", "pairs_asked", "settled")


def order_rows(campaign: Campaign) -> Iterator[dict[str, Any]]:
    """Yield a row per sketch and candidate, the closest first, with `COLUMNS`.

    risk_to_next: the probability that this candidate and the next are in the wrong order; empty for the last. settled:
    whether an adaptive campaign asks no more pairs of the sketch; empty if all pairs were chosen beforehand.
    """
    sets = list(CandidateSet.objects.filter(campaign=campaign).select_related("sketch").order_by("pk"))
    judged = judged_of(campaign, sets)
    ids = {product for candidates in sets for product in candidates.products}
    skus = dict(Product.everything.filter(pk__in=ids).values_list("pk", "sku"))
    for candidates in sets:
        known = judged[candidates.pk]
        order = known.order
        places = np.argsort(-order.strengths, kind="stable").tolist()
        for rank, place in enumerate(places, start=1):
            after = places[rank] if rank < len(places) else None
            yield {
                "sketch": candidates.sketch.key,
                "rank": rank,
                "product": skus.get(candidates.products[place], ""),
                "strength": round(float(order.strengths[place]), 4),
                "risk_to_next": "" if after is None else round(float(order.risk[place, after]), 4),
                "pairs_asked": len(known.asked),
                "settled": "" if candidates.risk is None else str(candidates.settled_at is not None).lower(),
            }
