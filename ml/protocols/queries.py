"""The queries that a catalogue is measured with."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue
from ml.datasets.quickdraw import QuickDrawSketch
from ml.sketch.augment import REMOVED, mls_deform, partial, stroke_removal
from ml.sketch.jitter import jitter
from ml.sketch.strokes import Sketch


def instance_queries(
    catalogue: Catalogue, split: str, repeats: int = 3
) -> tuple[list[Sketch], NDArray[np.int64]]:
    """Return deformed main-view drawings of the split's products (synthetic), and each one's gallery row, (Q,)."""
    sketches, own = [], []
    for number, product in enumerate(catalogue.products):
        drawing = product.views[0].drawing
        if product.split != split or drawing is None:
            continue
        # Seeded by the SKU, so that queries do not depend on other products.
        key = int.from_bytes(product.sku.encode()[-8:], "big")
        for repeat in range(repeats):
            sketches.append(deformed(drawing, np.random.default_rng([key, repeat])))
            own.append(number)
    return sketches, np.array(own, dtype=np.int64)


def category_queries(
    catalogue: Catalogue, doodles: Iterable[QuickDrawSketch], split: str, at_least: int = 1
) -> tuple[list[Sketch], NDArray[np.bool_], list[str]]:
    """Return the split's doodles with at least `at_least` right products, the right products (Q, P), and the names."""
    sketches, relevant, names = [], [], []
    answering: dict[str, NDArray[np.bool_]] = {}
    for doodle in doodles:
        if doodle.name not in answering:
            answering[doodle.name] = catalogue.right_products(doodle.name)
        right = answering[doodle.name]
        if doodle.split == split and right.sum() >= at_least:
            sketches.append(doodle.sketch)
            relevant.append(right)
            names.append(doodle.name)
    return sketches, np.array(relevant, dtype=bool), names


def half_drawn(sketch: Sketch) -> Sketch:
    """Return the first half of the strokes, rounded up."""
    return partial(sketch, (len(sketch.strokes) + 1) // 2)


def deformed(drawing: Sketch, rng: np.random.Generator) -> Sketch:
    """Return a synthetic query as in *Sketch Me That Shoe*: 10, 30 or 50 % of the strokes removed, then deformed.

    Hand jitter is added, so that no line stays where the renderer drew it.
    """
    sketch = stroke_removal(drawing, REMOVED[rng.integers(len(REMOVED))], rng)
    return jitter(mls_deform(sketch, rng), rng)
