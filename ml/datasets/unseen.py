"""The categories that zero-shot benchmarks leave out of training: drawn as in a paper, or read from a file.

Testing on 25 of Sketchy's 125 categories and 30 of TU-Berlin's 250 goes back to Shen et al., *Zero-Shot Sketch-Image
Hashing* (CVPR 2018), who drew them at random and published no list. Later papers use draws of their own, so figures of
different papers are of different categories. Ours is that of the code of Dutta and Akata, *Semantically Tied Paired
Cycle Consistency* (CVPR 2019): NumPy draws the seen categories with seed 0 from the sorted names. Their code then keeps
12 of the 25 for validation, and 15 of the 30. SAKE (Liu et al., ICCV 2019) lists its own in `cname_cid_zero.txt`, which
`--unseen-file` reads. Yelamarthi et al., *A Zero-Shot Framework for Sketch Based Image Retrieval* (ECCV 2018), leave out
the 21 categories of Sketchy that are not in ImageNet-1k: `ml/datasets/data/sketchy-104-21.txt`.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.datasets.layout import Categories
from ml.errors import ConfigError

SEED = 0
FIELD = "--unseen-file"


def unseen_categories(names: Sequence[str], seen: float, file: Path | None = None) -> frozenset[str]:
    """Return the categories to leave out of training.

    seen: the share of categories to train on if there is no file. Raises ConfigError as `listed_categories`.
    """
    if file is not None:
        return listed_categories(file, names)
    ordered = sorted(names)
    # The legacy generator, whose draws are guaranteed to stay the same.
    trained = np.random.RandomState(SEED).choice(len(ordered), int(seen * len(ordered)), replace=False)
    return frozenset(ordered) - {ordered[place] for place in trained}


def listed_categories(file: Path, names: Sequence[str]) -> frozenset[str]:
    """Return the categories that a file lists, one per line, by themselves or followed by a number.

    Spaces, hyphens and underscores are equal; empty lines and those from # are ignored. Raises ConfigError naming the
    line of an unknown category, or if none is listed or fewer than two remain.
    """
    known = Categories(names)
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(FIELD, f"{file} cannot be read: {error}") from error
    found = set()
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        category = next(
            (name for name in (known.name(text), known.name(re.sub(r"\s+\d+$", "", text))) if name in names),
            None,
        )
        if category is None:
            raise ConfigError(f"{FIELD}:{number}", f"expected a category of the dataset, found {text[:80]!r}")
        found.add(category)
    if not found or len(found) > len(names) - 2:
        raise ConfigError(
            FIELD,
            f"{len(found)} of {len(names)} categories; expected at least one, and at least two to train on",
        )
    return frozenset(found)
