"""Simulated visitors: they look at a rank with a chance that falls with it, and open what they like of what they see.

The position-based model (Craswell, Zoeter, Taylor and Ramsey, "An Experimental Comparison of Click Position-Bias Models",
WSDM 2008), with mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.clicks.swaps import draw_swap

SHOWN = 24


@dataclass(frozen=True)
class Visitors:
    """examination: (SHOWN,), the chance that each rank is looked at. wanted: chance to open the product that was drawn,
    once seen; another product is opened with `alike` times how much it is liked; `mistake`: with this chance at least.
    """

    examination: NDArray[np.float64]
    wanted: float = 0.7
    alike: float = 0.3
    mistake: float = 0.02

    def opened(
        self, shown: NDArray[np.integer], own: int, liked: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Return which ranks are opened, bool (len(shown),). shown: columns by rank. liked: (P,)."""
        chance = np.maximum(self.alike * liked[shown], self.mistake)
        chance[shown == own] = self.wanted
        return np.asarray(rng.random(len(shown)) < self.examination[: len(shown)] * chance, np.bool_)


def power(exponent: float) -> NDArray[np.float64]:
    """Return the examination rank ** -exponent, (SHOWN,)."""
    return np.asarray(np.arange(1, SHOWN + 1) ** -exponent, np.float64)


@dataclass(frozen=True)
class Answered:
    """One answer: the sketch's row, columns by rank, ranks opened (bool), the pair's upper rank (0: none)."""

    sketch: int
    shown: NDArray[np.intp]
    opened: NDArray[np.bool_]
    pair: int


def visit(
    distances: NDArray[np.floating],
    own: NDArray[np.int64],
    liked: NDArray[np.float64],
    visitors: Visitors,
    n: int,
    rng: np.random.Generator,
) -> list[Answered]:
    """Return n answers to random sketches, with the site's random swaps. distances: (S, P)."""
    order = np.argsort(distances, axis=1, kind="stable")[:, :SHOWN]
    answers = []
    for sketch in rng.integers(len(distances), size=n).tolist():
        shown = order[sketch].copy()
        pair, swapped = draw_swap(len(shown), rng)
        if swapped:
            shown[[pair - 1, pair]] = shown[[pair, pair - 1]]
        opened = visitors.opened(shown, int(own[sketch]), liked[sketch], rng)
        answers.append(Answered(sketch, shown, opened, pair))
    return answers
