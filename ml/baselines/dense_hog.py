"""Dense HOG + RankSVM: *Sketch Me That Shoe*, section 5.2; the paper's descriptor has 200,704 dimensions, ours 8,100."""

from collections.abc import Sequence
from dataclasses import asdict

from ml.baselines.hog import HogConfig, hog_vectors
from ml.baselines.ranked import fit_ranked
from ml.baselines.registry import Fitted
from ml.datasets.pairs import PairDataset
from ml.training.config import as_json, with_overrides


def fit(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit RankSVM over HOG with 16-px cells in blocks of 2 x 2."""
    config = with_overrides(HogConfig(cell_px=16, block_cells=2), overrides)
    scorer, choice = fit_ranked(hog_vectors(config), dataset)
    return Fitted(scorer, {**as_json(config), **asdict(choice)})
