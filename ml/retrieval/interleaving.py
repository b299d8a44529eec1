"""Team-draft interleaving: one ranking of two, in which a click counts for the ranking that contributed the product.

Source: Radlinski, Kurup and Joachims, "How Does Clickthrough Data Reflect Retrieval Quality?", CIKM 2008. In each round
a coin decides which ranking picks first; each then adds its best item that is not yet in the list. Unlike the paper's
captains, a ranking that has no more items passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np


class Draft(NamedTuple):
    """items: the list, best first. teams: for each item 0 if the first ranking contributed it, 1 if the second."""

    items: tuple[int, ...]
    teams: tuple[int, ...]


def team_draft(first: Sequence[int], second: Sequence[int], k: int, rng: np.random.Generator) -> Draft:
    """Return at most k different items of two rankings of distinct items."""
    rankings = (list(first), list(second))
    items: list[int] = []
    teams: list[int] = []
    taken: set[int] = set()
    places = [0, 0]
    while len(items) < k:
        n_before = len(items)
        starts = int(rng.integers(2))
        for team in (starts, 1 - starts):
            ranking = rankings[team]
            while places[team] < len(ranking) and ranking[places[team]] in taken:
                places[team] += 1
            if places[team] < len(ranking) and len(items) < k:
                items.append(ranking[places[team]])
                teams.append(team)
                taken.add(ranking[places[team]])
        if len(items) == n_before:  # both are exhausted
            break
    return Draft(tuple(items), tuple(teams))


def takes_part(visit: str, experiment: int, percent: int) -> bool:
    """Return whether a visit belongs to the share of an experiment: the same on every machine, a new draw for each."""
    return hashed(f"{experiment}:{visit}") % 100 < percent


def hashed(text: str) -> int:
    """Return a 64-bit hash of a text, the same on every machine; also the seed of draws that must not change."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
