"""Randomness that depends on the seed and the step alone, so that a resumed run draws what an uninterrupted one drew."""

import numpy as np
import torch

from ml.training.distributed import rank


def step_generator(seed: int, step: int, *more: int) -> np.random.Generator:
    """The generator of a step's batch, the same in every process; `more` tells apart what draws beside one another."""
    return np.random.default_rng([seed, step, *more])


def seed_step(seed: int, step: int) -> None:
    """Seed torch's global generators for one step: dropout and the like differ by process and by step."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step, rank()]).generate_state(1, np.uint64)[0]))
