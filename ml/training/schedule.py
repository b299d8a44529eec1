"""Learning-rate schedules: the factor of every base learning rate at a step."""

import math
from collections.abc import Callable

from ml.training.config import ScheduleName

Schedule = Callable[[int], float]


def cosine(steps: int, warmup_steps: int = 0) -> Schedule:
    """Return linear warm-up, then half a cosine period to zero at `steps`."""

    def after_warmup(step: int) -> float:
        return 0.5 + 0.5 * math.cos(math.pi * (step - warmup_steps) / max(1, steps - warmup_steps))

    return _warmed_up(after_warmup, warmup_steps)


def step_decay(
    steps: int, warmup_steps: int = 0, *, drops: tuple[float, ...] = (0.5, 0.75), factor: float = 0.1
) -> Schedule:
    """Return linear warm-up, then a rate multiplied by `factor` at each of `drops`, which are shares of `steps`."""
    return _warmed_up(lambda step: factor ** sum(step >= share * steps for share in drops), warmup_steps)


def constant(warmup_steps: int = 0) -> Schedule:
    """Return linear warm-up, then the base rate."""
    return _warmed_up(lambda step: 1.0, warmup_steps)


def named_schedule(name: ScheduleName, steps: int, warmup_steps: int = 0) -> Schedule:
    """Return the schedule of that name with its defaults."""
    if name == "cosine":
        return cosine(steps, warmup_steps)
    return step_decay(steps, warmup_steps) if name == "step" else constant(warmup_steps)


def _warmed_up(schedule: Schedule, warmup_steps: int) -> Schedule:
    return lambda step: (step + 1) / warmup_steps if step < warmup_steps else schedule(step)
