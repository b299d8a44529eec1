"""The queries that a catalogue is measured with."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue
from ml.datasets.quickdraw import QuickDrawSketch
from ml.sketch.augment import REMOVED, mls_deform, stroke_removal
from ml.sketch.jitter import jitter
from ml.sketch.strokes import Sketch


def instance_queries(
    catalogue: Catalogue, split: str, repeats: int = 3
) -> tuple[list[Sketch], NDArray[np.int64]]:
    """Deformed main-view drawings of the split's products (synthetic), and the gallery row of each one's product."""
    sketches, own = [], []
    for number, product in enumerate(catalogue.products):
        drawing = product.views[0].drawing
        if product.split != split or drawing is None:
            continue
        key = int.from_bytes(
            product.sku.encode()[-8:], "big"
        )  # the same query whatever else the catalogue holds
        for repeat in range(repeats):
            sketches.append(deformed(drawing, np.random.default_rng([key, repeat])))
            own.append(number)
    return sketches, np.array(own, dtype=np.int64)


def category_queries(
    catalogue: Catalogue, doodles: Iterable[QuickDrawSketch], split: str, at_least: int = 10
) -> tuple[list[Sketch], NDArray[np.bool_], list[str]]:
    """The split's doodles whose name has enough right products; which products are right (Q, P); the names."""
    sketches, relevant, names = [], [], []
    answering: dict[str, NDArray[np.bool_]] = {}
    for doodle in doodles:
        if doodle.name not in answering:
            answering[doodle.name] = catalogue.answering(doodle.name)
        right = answering[doodle.name]
        if doodle.split == split and right.sum() >= at_least:
            sketches.append(doodle.sketch)
            relevant.append(right)
            names.append(doodle.name)
    return sketches, np.array(relevant, dtype=bool), names


def deformed(drawing: Sketch, rng: np.random.Generator) -> Sketch:
    """A held-out query: the recipe of *Sketch Me That Shoe*, 10, 30 or 50 % of the strokes removed, then deformed.

    The hand's jitter comes on top, so that no line is where the renderer put it. Synthetic, and reported as such.
    """
    sketch = stroke_removal(drawing, REMOVED[rng.integers(len(REMOVED))], rng)
    return jitter(mls_deform(sketch, rng), rng)
