"""From hits of the index to what a visitor sees: one entry a product, near-duplicates folded, scores in
words.
"""

from __future__ import annotations

from ml.retrieval.folding import fold
from ml.retrieval.two_stage import SHORTLIST, Hits
from webapp.registry.live import LiveRelease
from webapp.search.cards import Shown, shown
from webapp.search.payloads import ResultPayload


def hits_wanted(k: int) -> tuple[int, int]:
    """How many hits to ask for, so that k are left after folding; and how many where those were too alike."""
    return 2 * k + 10, SHORTLIST


def ranked(
    hits: Hits, k: int, live: LiveRelease, *, without_product: int | None = None
) -> list[ResultPayload]:
    """At most k products, best first; each counts the products that fold into it.

    A product's other photos and products that are no longer on sale disappear without being counted.
    """
    cards = shown(hits.ids.tolist())
    into = fold(hits.embeddings).tolist()
    results: list[ResultPayload] = []
    entry_of_place: dict[int, ResultPayload] = {}
    seen = {without_product}
    ids, scores, hamming = hits.ids.tolist(), hits.scores.tolist(), hits.hamming.tolist()
    for place, photo_id in enumerate(ids):
        found: Shown | None = cards.get(photo_id)
        if found is None or found.product_id in seen:
            continue
        seen.add(found.product_id)
        leader = entry_of_place.get(into[place])
        if leader is not None:
            leader["folded"] += 1
        elif len(results) < k:
            entry: ResultPayload = {
                "rank": len(results) + 1,
                "score": round(scores[place], 4),
                "match": live.encoder.manifest.match(scores[place]),
                "hamming": hamming[place],
                "folded": 0,
                "product": found.card,
            }
            results.append(entry)
            entry_of_place[into[place]] = entry  # also where the leader itself is not shown
    return results
