"""Workers' attribute votes on products and sketches, as vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.aggregate import MAJORITY
from annotation.models import Campaign, Consensus
from annotation.sampling.candidates import UNKNOWN


def attribute_vectors(
    campaign: Campaign, *, sketches: Sequence[int], products: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return attributes of sketches (Q, A) and products (G, A) by id, in the order of the campaign's ontology.

    1 if more workers said yes than no, 0 if fewer, UNKNOWN if there is a tie or no vote.
    """
    slugs = [attribute["slug"] for attribute in campaign.ontology]
    known: dict[tuple[str, int], NDArray[np.float32]] = {}
    rows = Consensus.objects.filter(task__campaign=campaign, aggregation=MAJORITY)
    for sketch, product, counts in rows.values_list("task__sketch_id", "task__product_id", "counts"):
        votes = [counts.get(slug, [0, 0, 0]) for slug in slugs]
        vector = np.array([0.5 + 0.5 * np.sign(yes - no) for yes, no, _ in votes], dtype=np.float32)
        known["sketch" if sketch else "product", sketch or product] = vector
    nothing = np.full(len(slugs), UNKNOWN, dtype=np.float32)
    return (
        np.array([known.get(("sketch", pk), nothing) for pk in sketches], np.float32).reshape(-1, len(slugs)),
        np.array([known.get(("product", pk), nothing) for pk in products], np.float32).reshape(
            -1, len(slugs)
        ),
    )
