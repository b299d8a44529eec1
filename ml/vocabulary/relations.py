"""How well a concept answers a name: the same thing, a kind of it, something more general, or a near relative."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import log

from ml.vocabulary.concepts import Concepts


@dataclass(frozen=True)
class Weights:
    """The constants of `fit`, checked on half of the names by `python -m ml bench vocabulary`.

    `kind`: a kind of what was drawn, such as a sneaker for a shoe. `broader`: a product whose word is more general than
    the drawing, such as bottle for a wine bottle, halved with each step and lowered by how general it is. `relative`:
    something that shares a near, specific hypernym, such as a stool for a chair. `similar`: a word that the table of
    names lists as similar. A concept with `most_kinds` kinds or more relates nothing.

    `modifier`: a noun before the head, such as chair in chair cushion. `complement`: a noun after a preposition. The
    category weighs `category_instead` if the name says nothing, `category_besides` if both go together, and else
    `category_apart`, with `name_apart` for the name. `context`: what a sense weighs that has nothing to do with the
    category. `second_language`: a name that may be English or German, read in the less likely of the two.
    """

    kind: float = 0.9
    broader: float = 0.8
    relative: float = 0.4
    similar: float = 0.6
    most_kinds: int = 300
    modifier: float = 0.15
    complement: float = 0.15
    category_instead: float = 0.8
    category_besides: float = 0.3
    category_apart: float = 0.6
    name_apart: float = 0.8
    context: float = 0.1
    second_language: float = 0.6


MAX_STEPS = 3


class Relations:
    """`names_of(concept)` is sparse: index of the name in the table -> fit in (0, 1]."""

    def __init__(self, concepts: Concepts, weights: Weights) -> None:
        self._concepts, self._weights = concepts, weights
        self._wanted: dict[int, dict[int, float]] = defaultdict(dict)
        self._below: dict[int, dict[int, int]] = defaultdict(dict)  # concept -> name -> steps down to it
        for index, (name, targets) in enumerate(zip(concepts.names, concepts.targets, strict=True)):
            for word in name.similar:
                for concept, share in concepts.similar(word):
                    _raise(self._wanted[concept], index, weights.similar * share)
            for concept in targets:
                self._wanted[concept][index] = 1.0
                for ancestor, steps in concepts.ancestors(concept).items():
                    if 0 < steps <= MAX_STEPS:
                        known = self._below[ancestor].get(index, steps)
                        self._below[ancestor][index] = min(known, steps)
        self.alike = lru_cache(maxsize=100_000)(self._alike)
        self.specificity = lru_cache(maxsize=50_000)(self._specificity)
        self.names_of = lru_cache(maxsize=50_000)(self._names_of)

    def _names_of(self, concept: int) -> dict[int, float]:
        weights, fits = self._weights, dict[int, float]()
        for ancestor, steps in self._concepts.ancestors(concept).items():
            for name, weight in self._wanted.get(ancestor, {}).items():
                _raise(fits, name, weight * (weights.kind if steps else 1.0))
            if steps > MAX_STEPS or not (specific := self.specificity(ancestor)):
                continue
            for name, down in self._below.get(ancestor, {}).items():
                if steps == 0:
                    _raise(fits, name, weights.broader * specific * 0.5 ** (down - 1))
                elif steps + down <= MAX_STEPS:
                    _raise(fits, name, weights.relative * specific)
        return fits

    def _specificity(self, concept: int) -> float:
        """Return 1 for a concept without kinds, falling with the logarithm of their number to 0 at `most_kinds`."""
        n_kinds = self._concepts.n_kinds(concept)
        return max(0.0, 1 - log(1 + n_kinds) / log(1 + self._weights.most_kinds))

    def _alike(self, one: int, other: int) -> float:
        """Return 1 if one concept is a kind of the other, else the specificity of what both are kinds of."""
        first, second = self._concepts.ancestors(one), self._concepts.ancestors(other)
        if one in second or other in first:
            return 1.0
        return max((self.specificity(both) for both in first.keys() & second.keys()), default=0.0)


def _raise(fits: dict[int, float], name: int, value: float) -> None:
    if value > fits.get(name, 0.0):
        fits[name] = value
