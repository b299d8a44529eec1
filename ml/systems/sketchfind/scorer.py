"""Measure an exported encoder on datasets of pairs as the site uses it: from strokes, with the served ONNX file."""

import numpy as np

from ml.datasets.pairs import PairDataset
from ml.protocols.scorer import Distances, Rows
from ml.serving.encoder import Encoder
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace

_AT_ONCE = 32  # photos that are decoded together


class ServedScorer:
    """Distances by a served encoder: 1 - cosine of sketch and photo, which is encoded as every gallery input."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return distances, float32 (Q, G)."""
        sketches = np.stack(
            [self.encoder.encode_sketch(drawn(dataset, row)).embedding for row in sketch_rows.tolist()]
        )
        parts = [
            self.encoder.encode_photos([dataset.photo(row) for row in part.tolist()]).embeddings
            for part in np.array_split(photo_rows, range(_AT_ONCE, len(photo_rows), _AT_ONCE))
        ]
        return np.asarray(1 - sketches @ np.concatenate(parts).T, np.float32)


def drawn(dataset: PairDataset, row: int) -> Sketch:
    """Return the strokes of a sketch, or of a released image, traced as on the site. Raises SketchError."""
    strokes = dataset.strokes(row)
    if strokes is not None:
        return strokes
    name = dataset.sketches[row].file
    return trace(np.repeat(dataset.sketch(row)[..., None], 3, axis=2), field=name)
