"""The judges of a driven crowd: synthetic people, or recorded real votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tools.crowd.drive import Judgement
from tools.crowd.people import Person

Closeness = Callable[[str, int], float]
"""How close a product is to a sketch, in logits, by the sketch's URL and the product's id."""


class SyntheticJudge:
    """A synthetic person who judges how close each photo is, as well as their skill allows."""

    def __init__(self, person: Person, closeness: Closeness, rng: np.random.Generator) -> None:
        self.name = person.name
        self.person = person
        self.closeness = closeness
        self.rng = rng

    def judge(self, card: dict[str, Any]) -> Judgement:
        left, right = (self.closeness(card["sketch_url"], card[side]["id"]) for side in ("left", "right"))
        takes_s = self.person.takes_s(self.rng)
        return Judgement("left" if self.person.chooses_left(left - right, self.rng) else "right", takes_s)

    def sent(self, card: dict[str, Any], judgement: Judgement, *, in_time: bool) -> None:
        """Ignore the outcome."""


Pair = tuple[str, frozenset[int]]
"""A sketch's URL and the ids of two products."""


class RealVotes:
    """The winners of each pair in the order of their votes, each to be replayed once."""

    def __init__(self, winners: Mapping[Pair, list[int | None]]) -> None:
        self.remaining = {pair: list(of_pair) for pair, of_pair in winners.items()}

    def take(self, pair: Pair) -> int | None:
        """Return the next real vote on a pair: the winner, or None for neither."""
        return self.remaining[pair].pop(0)

    def give_back(self, pair: Pair, winner: int | None) -> None:
        """Return a vote that did not count, to be replayed again."""
        self.remaining[pair].insert(0, winner)


class ReplayingJudge:
    """Answers each pair as a real worker once did. All such judges share one `RealVotes`."""

    def __init__(self, name: str, votes: RealVotes, takes_s: float = 0.0) -> None:
        self.name = name
        self.votes = votes
        self.takes_s = takes_s
        self._taken: dict[int, tuple[Pair, int | None]] = {}

    def judge(self, card: dict[str, Any]) -> Judgement:
        pair = (card["sketch_url"], frozenset((card["left"]["id"], card["right"]["id"])))
        winner = self.votes.take(pair)
        self._taken[card["id"]] = (pair, winner)
        if winner is None:
            return Judgement("cant_tell", self.takes_s)
        return Judgement("left" if winner == card["left"]["id"] else "right", self.takes_s)

    def sent(self, card: dict[str, Any], judgement: Judgement, *, in_time: bool) -> None:
        if not in_time:
            self.votes.give_back(*self._taken[card["id"]])
