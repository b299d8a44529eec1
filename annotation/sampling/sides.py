"""Choose the side of each candidate and the gold tasks: random, balanced and reproducible."""

from __future__ import annotations

from random import Random

_BLOCK = 4  # candidate A is on the left in two of every four tasks of a worker


def left_is_a(*, seed: int, enrolment_id: int, position: int) -> bool:
    """Return whether candidate A is on the left in a worker's task number `position`."""
    block, place = divmod(position, _BLOCK)
    sides = [True, False] * (_BLOCK // 2)
    Random(f"side:{seed}:{enrolment_id}:{block}").shuffle(sides)
    return sides[place]


def gold_due(*, seed: int, enrolment_id: int, position: int, share: float) -> bool:
    """Return whether a worker's task number `position` is a gold task."""
    return share > 0 and Random(f"gold:{seed}:{enrolment_id}:{position}").random() < share
