"""The score thresholds of match words: strong, fair, weak, and "nothing close"."""

from pathlib import Path
from typing import Any

import numpy as np

from ml.datasets.catalogue import Catalogue, read_photo
from ml.datasets.quickdraw import QuickDrawSketch
from ml.protocols.queries import instance_queries
from ml.serving.encoder import Encoder
from ml.serving.manifest import Precision
from ml.sketch.strokes import Sketch


def score_thresholds(
    model: Path, catalogue: Catalogue, doodles: list[QuickDrawSketch], *, precision: Precision
) -> dict[str, Any]:
    """Return thresholds on the cosine between a sketch and a gallery photo, from validation queries.

    strong: the lower quartile of the scores of held-out drawings with their own products. nothing_close_below: the median
    best score of doodles of things that the shop does not sell (without doodles, the 2 % quantile of the true scores).
    fair: halfway between the two.
    """
    encoder = Encoder.load(model, precision=precision)
    vectors = encoder.encode_photos([read_photo(p.views[0].photo) for p in catalogue.products]).embeddings
    queries, own = instance_queries(catalogue, "val")
    true = np.array(
        [_best(encoder, sketch, vectors[[row]]) for sketch, row in zip(queries, own, strict=True)]
    )
    sold = {name for name in catalogue.quickdraw_products if catalogue.right_products(name).any()}
    unsold = [doodle.sketch for doodle in doodles if doodle.split == "val" and doodle.name not in sold]
    strong = float(np.quantile(true, 0.25))
    unrelated = [_best(encoder, sketch, vectors) for sketch in unsold]
    nothing = float(np.median(unrelated)) if unrelated else float(np.quantile(true, 0.02))
    nothing = min(nothing, strong)
    fair = (strong + nothing) / 2
    return {
        "score_words": {"strong": round(strong, 3), "fair": round(fair, 3)},
        "nothing_close_below": round(nothing, 3),
    }


def _best(encoder: Encoder, sketch: Sketch, vectors: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    return float((vectors @ encoder.encode_sketch(sketch).embedding).max())
