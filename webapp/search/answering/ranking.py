"""Turn hits of the index into results: one entry per product, near-duplicates folded, scores in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.retrieval.calibration import Match
from ml.retrieval.evidence import FOLLOWING
from ml.retrieval.folding import fold
from ml.retrieval.hits import Hits
from ml.retrieval.two_stage import SHORTLIST
from webapp.search.cards import shown
from webapp.search.payloads import ResultPayload


def hit_counts(k: int) -> tuple[int, int]:
    """Return how many hits to request so that k remain after folding, and how many if those were too similar."""
    return max(2 * k + 10, FOLLOWING), SHORTLIST


def rank(
    hits: Hits, k: int, words: Sequence[Match], *, without_product: int | None = None
) -> list[ResultPayload]:
    """Return at most k products, best first; each counts the products that are folded into it. words: for each hit.

    Of what is similar to `without_product`, nothing is folded: its variants are what was asked for. Other photos of a
    product, and products no longer on sale, are dropped without being counted.
    """
    cards = shown(hits.ids.tolist(), None if hits.products is None else hits.products.tolist())
    places = [place for place, photo_id in enumerate(hits.ids.tolist()) if photo_id in cards]
    found = [cards[photo_id] for photo_id in hits.ids[places].tolist()]
    if without_product is None:
        into = fold(hits.embeddings[places], np.array([item.dhash for item in found], np.int64)).tolist()
    else:
        into = list(range(len(found)))
    scores, hamming = hits.scores[places].tolist(), hits.hamming[places].tolist()
    words = [words[place] for place in places]
    results: list[ResultPayload] = []
    entry_of: dict[int, ResultPayload] = {}  # by the position of the item that others fold into
    seen = {without_product}
    for place, item in enumerate(found):
        if item.product_id in seen:
            continue
        seen.add(item.product_id)
        leader = entry_of.get(into[place])
        if leader is not None:
            leader["folded"] += 1
        elif len(results) < k:
            entry: ResultPayload = {
                "rank": len(results) + 1,
                "score": round(scores[place], 4),
                "match": words[place],
                "hamming": hamming[place],
                "folded": 0,
                "product": item.card,
            }
            results.append(entry)
            entry_of[into[place]] = entry  # even if the item that it folds into is not shown
    return results
