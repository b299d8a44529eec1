"""What speaks for each result of a search being what was meant. All of it is at hand once the search is done.

cosine         with the sketch
margin         of the cosine over the mean of the results that follow the first ten
behind         its score minus the best
chance         that somebody who draws the recognised names would accept the product
foreign        probability of the names that no product fits
other          probability of things without a name, such as scribbles
below          its cosine minus the best of the shortlist
chance_below   chance times below: what a name says counts less if other products look more alike
chance_cosine  chance times cosine
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.hits import Hits
from ml.retrieval.name_prior import NamePrior

BY_SHAPE = ("cosine", "margin", "behind")
BY_NAME = (*BY_SHAPE, "chance", "foreign", "other", "below", "chance_below", "chance_cosine")
FIRST, FOLLOWING = 10, 30  # results that the margin is measured against lie between


def evidence(hits: Hits, prior: NamePrior | None) -> NDArray[np.float64]:
    """Return the evidence of each hit, float64 (n, F), in the order of `BY_NAME`, or of `BY_SHAPE` without a prior.

    hits: at least `FOLLOWING`, unless the gallery is smaller.
    """
    cosines, scores = hits.cosines.astype(np.float64), hits.scores.astype(np.float64)
    n = len(cosines)
    following = cosines[FIRST:FOLLOWING] if n > FIRST else cosines[-1:]
    margin = cosines - (following.mean() if n else 0.0)
    columns = [cosines, margin, scores - scores.max(initial=-np.inf)]
    if prior is not None:
        chances = prior.chances_of(hits.rows).astype(np.float64)
        below = cosines - hits.best_cosine
        columns += [
            chances,
            np.full(n, prior.foreign),
            np.full(n, prior.other),
            below,
            chances * below,
            chances * cosines,
        ]
    return np.column_stack(columns)
