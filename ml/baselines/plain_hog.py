"""One HOG descriptor per image, compared by cosine: nothing is learned, so every trained system has to beat it.

It also shows whether a dataset is read correctly. Its settings are those that come nearest to the first figures measured
on the test splits of Shoe-V1 and Chair-V1; unlike all other settings here, they were not chosen on validation.
"""

from collections.abc import Sequence

from ml.baselines.hog import HogConfig, hog_vectors
from ml.baselines.registry import Fitted
from ml.baselines.scorers import CosineScorer
from ml.datasets.pairs import PairDataset
from ml.training.config import as_json, with_overrides


def fit(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Compare sketches with edge maps by the cosine of HOG with 32-px cells."""
    config = with_overrides(HogConfig(), overrides)
    return Fitted(CosineScorer(hog_vectors(config)), as_json(config))
