"""Randomness that depends only on the seed and the step, so that a resumed run equals an uninterrupted one."""

import numpy as np
import torch

from ml.training.distributed import rank


def step_generator(seed: int, step: int, *more: int) -> np.random.Generator:
    """Return the generator of a step's batch, equal in every process; `more` distinguishes several per step."""
    return np.random.default_rng([seed, step, *more])


def seed_step(seed: int, step: int) -> None:
    """Seed torch's global generators for one step, so that dropout etc. differs by process and step."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step, rank()]).generate_state(1, np.uint64)[0]))
