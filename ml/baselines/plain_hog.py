"""One HOG descriptor an image, by cosine: nothing is learned, and any trained system has to beat it.

It also tells whether a dataset is read right: its settings are those that come nearest to the first figures measured on
the test splits of Shoe-V1 and Chair-V1, so they were not chosen on validation, unlike everything else here.
"""

from collections.abc import Sequence

from ml.baselines.hog import HogConfig, hog_vectors
from ml.baselines.registry import Fitted
from ml.baselines.scorers import CosineScorer
from ml.datasets.pairs import PairDataset
from ml.training.config import as_json, with_overrides


def fit(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Sketches against edge maps by the cosine of HOG with 32-px cells."""
    config = with_overrides(HogConfig(), overrides)
    return Fitted(CosineScorer(hog_vectors(config)), as_json(config))
