"""RankSVM on human triplets: a linear function of a sketch-photo pair that ranks the photo people chose nearer.

Source: Joachims, "Optimizing search engines using clickthrough data", KDD 2002; solved in the primal with the squared
hinge (Chapelle and Keerthi, "Efficient algorithms for ranking with SVMs", 2010), so that a pair's features are stored
once however many triplets it is part of. *Sketch Me That Shoe* (section 5.2) trains its baselines this way. It does not
say how sketch and photo form a pair, so that choice is made on validation, together with C.

Weights are shrunk towards uniform ones instead of 0, so that without votes the features' own distance remains: for unit
vectors, the sum of (s - p)^2 is 2 - 2 cos.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

Floats = NDArray[np.float32]
PairForm = Literal["absolute", "squared"]
FORMS: tuple[PairForm, ...] = get_args(PairForm)


def pair_features(sketch: Floats, photo: Floats, form: PairForm) -> Floats:
    """Return features of pairs, float32 (..., F) by broadcasting: |s - p| ("absolute") or (s - p)^2 ("squared")."""
    difference = sketch - photo
    return np.asarray(np.abs(difference) if form == "absolute" else np.square(difference))


@dataclass(frozen=True)
class RankingProblem:
    """Pairs and their comparisons.

    pairs: features (P, F). nearer, farther: (T,) rows of `pairs`; the first should score below the second. times: (T,)
    how often each comparison was judged.
    """

    pairs: Floats
    nearer: NDArray[np.intp]
    farther: NDArray[np.intp]
    times: Floats

    @classmethod
    def of(
        cls, sketches: Floats, photos: Floats, triplets: NDArray[np.integer[Any]], form: PairForm
    ) -> "RankingProblem":
        """Build from features (S, F), (P, F) and triplets (T, 3) of their rows; repeated triplets are counted."""
        judged, times = np.unique(triplets, axis=0, return_counts=True)
        both = np.concatenate([judged[:, [0, 1]], judged[:, [0, 2]]])
        distinct, number = np.unique(both, axis=0, return_inverse=True)
        pairs = pair_features(sketches[distinct[:, 0]], photos[distinct[:, 1]], form)
        nearer, farther = number.reshape(2, -1)
        return cls(pairs, nearer, farther, times.astype(np.float32))


def train_rank_svm(problem: RankingProblem, C: float, *, iterations: int = 200) -> Floats:
    """Return the weights w, float32 (F,), that minimise the ranking loss; with C = 0, uniform weights.

    The loss is |w - m|^2 / 2 + C mean_t max(0, 1 - w . (farther - nearer) / scale)^2. The classic SVM has m = 0 and so
    replaces the features' own distance even where votes are few; here m are uniform weights, which keep it. Their
    magnitude minimises the loss on its own. `scale`, the root mean square length of the pairs, makes C comparable between
    features; it is folded into w.
    """
    scale = float(np.sqrt(np.square(problem.pairs).sum(axis=1).mean()))
    if scale == 0:
        return np.ones(problem.pairs.shape[1], dtype=np.float32)
    share = problem.times / problem.times.sum()
    centre = uniform_weight(problem, scale)
    if C == 0:
        return np.full(problem.pairs.shape[1], centre / scale, dtype=np.float32)

    def objective(shift: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = problem.pairs @ ((centre + shift) / scale).astype(np.float32)  # (P,)
        slack = np.maximum(0, 1 - (scores[problem.farther] - scores[problem.nearer]))  # (T,)
        pull = 2 * C * share * slack
        onto = np.bincount(problem.nearer, pull, len(scores)) - np.bincount(
            problem.farther, pull, len(scores)
        )
        gradient = shift + onto.astype(np.float32) @ problem.pairs / scale
        value = shift @ shift / 2 + C * (share @ np.square(slack))
        return float(value), gradient.astype(np.float64)

    start = np.zeros(problem.pairs.shape[1])
    solved = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return np.asarray((centre + solved.x) / scale, dtype=np.float32)


def uniform_weight(problem: RankingProblem, scale: float) -> float:
    """Return the positive weight that, given to every feature, minimises the mean squared hinge."""
    sums = problem.pairs.sum(axis=1, dtype=np.float64) / scale
    gaps = sums[problem.farther] - sums[problem.nearer]
    share = problem.times / problem.times.sum()

    def slope(weight: float) -> float:
        return float(-2 * share @ (np.maximum(0, 1 - weight * gaps) * gaps))

    largest = 1 / max(float(np.abs(gaps).mean()), 1e-3)
    low = 1e-3 * largest
    if slope(low) >= 0:  # people disagree with the features' distance, or it never differs
        return low
    high = largest
    while slope(high) < 0 and high < 1e6 * largest:
        high *= 2
    return float(brentq(slope, low, high)) if slope(high) > 0 else high
