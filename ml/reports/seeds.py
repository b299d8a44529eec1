"""Runs with several seeds: one folder per seed beside `seeds.json`, and statistics over seeds.

OUT/seed-0  OUT/seed-1  OUT/seed-2  OUT/seeds.json
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from ml.training.checkpoint import write_atomically

FILE = "seeds.json"


def seed_folder(out: Path, seed: int) -> Path:
    """Return the model folder of one seed."""
    return out / f"seed-{seed}"


def write_seeds(out: Path, seeds: Sequence[int]) -> None:
    """Record which seeds the folder `out` consists of."""
    write_atomically(out / FILE, (json.dumps(list(seeds)) + "\n").encode())


def model_folders(model: Path) -> list[Path]:
    """Return the model folders that a path means: those of all seeds, or the path itself.

    A part of a model, such as `OUT/32-bit` of a run with nested codes, is found in the folder of each seed.
    """
    for out, part in ((model, ""), (model.parent, model.name)):
        if (out / FILE).exists() and not (part and (model / "model.json").exists()):
            return [seed_folder(out, seed) / part for seed in json.loads((out / FILE).read_text())]
    return [model]


def spread(values: Sequence[float]) -> dict[str, float | list[float]]:
    """Return mean, standard deviation (of n - 1) and the 95 % t-interval of the mean of at least two seeds."""
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1))
    half = float(stats.t.ppf(0.975, len(values) - 1)) * sd / math.sqrt(len(values))
    return {"value": mean, "sd": sd, "t95": [mean - half, mean + half]}
