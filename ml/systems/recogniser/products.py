"""Line drawings of a catalogue's products with the names that their words mean.

With them, detailed drawings of furniture are recognised as well, and drawings of things without a name as something else.
"""

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue
from ml.protocols.gallery import words_of
from ml.serving.recogniser_files import OTHER
from ml.sketch.strokes import Sketch
from ml.vocabulary.fit import vocabulary

_SHARE_OF_BEST = 0.5  # names count that fit at least half as well as the best one


def product_drawings(catalogue: Catalogue, names: list[str]) -> list[tuple[Sketch, NDArray[np.float32]]]:
    """Return every drawing of the training split with its target, float32 (names,), a distribution.

    The fits of the names that fit best share their largest value; `OTHER` gets the rest.
    """
    place = {name: number for number, name in enumerate(names)}
    found = []
    for product, words in zip(catalogue.products, words_of(catalogue), strict=True):
        if product.split != "train":
            continue
        target = np.zeros(len(names), np.float32)
        fits = vocabulary().fit(words)
        for number in np.flatnonzero((fits > 0) & (fits >= _SHARE_OF_BEST * fits.max())).tolist():
            if (column := place.get(vocabulary().names[number])) is not None:
                target[column] = fits[number]
        best = float(target.max())
        if best > 0:
            target *= best / target.sum()
        target[place[OTHER]] = 1 - best
        found += [(view.drawing, target) for view in product.views if view.drawing is not None]
    return found
