"""Which candidate lies left, and which tasks are gold: random, balanced, and the same when asked again."""

from __future__ import annotations

from random import Random

_BLOCK = 4  # in every four tasks of a worker candidate A lies left twice


def left_is_a(*, seed: int, enrolment_id: int, position: int) -> bool:
    """Whether candidate A lies on the left of a worker's task number `position`."""
    block, place = divmod(position, _BLOCK)
    sides = [True, False] * (_BLOCK // 2)
    Random(f"side:{seed}:{enrolment_id}:{block}").shuffle(sides)
    return sides[place]


def gold_due(*, seed: int, enrolment_id: int, position: int, share: float) -> bool:
    """Whether a worker's task number `position` is a gold one."""
    return share > 0 and Random(f"gold:{seed}:{enrolment_id}:{position}").random() < share
