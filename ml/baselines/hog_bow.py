"""HOG + bag of words + RankSVM: *Sketch Me That Shoe*, section 5.2, with its 500 words.

The paper specifies neither the patches nor the vocabulary. Here the side of a patch is a quarter of the image's, as in
Eitz et al. ("An evaluation of descriptors for large-scale image retrieval from sketched feature lines", 2010); patches
without lines are left out; the words are the k-means centres of the patches of all training sketches and edge maps.

k-means is chaotic: one patch that another rounding gives to another word changes the whole vocabulary, and the row by
several queries. Patches are therefore clustered in doubles, in which near ties are rare.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans

from ml.baselines.hog import HogConfig, hog_blocks
from ml.baselines.ranked import fit_ranked
from ml.baselines.registry import Fitted
from ml.baselines.scorers import Features, unit
from ml.datasets.frames import Kind
from ml.datasets.pairs import PairDataset
from ml.protocols.scorer import Rows
from ml.training.config import as_json, documented, with_overrides


@dataclass(frozen=True)
class BowConfig(HogConfig):
    """Settings of patches and vocabulary."""

    cell_px: int = documented(16, "cell side in pixels, a divisor of 256")
    block_cells: int = documented(4, "cells per side of a patch; patches advance by one cell")
    words: int = documented(500, "vocabulary size")
    seed: int = documented(0, "seed of k-means")


def fit(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit RankSVM over the square roots of word frequencies."""
    config = with_overrides(BowConfig(), overrides)
    scorer, choice = fit_ranked(bags_of_words(dataset, config), dataset)
    return Fitted(scorer, {**as_json(config), **asdict(choice)})


def bags_of_words(dataset: PairDataset, config: BowConfig) -> Features:
    """Return features, float32 (N, words), over a vocabulary of the dataset's training images."""
    sketches = hog_blocks(dataset, "sketch", dataset.sketch_rows("train"), config)
    edges = hog_blocks(dataset, "edge", dataset.photo_rows("train"), config)
    patches = np.concatenate([_drawn(blocks) for blocks in (*sketches, *edges)]).astype(np.float64)
    vocabulary = MiniBatchKMeans(config.words, random_state=config.seed, n_init=3, batch_size=4096).fit(
        patches
    )

    def features(dataset: PairDataset, kind: Kind, rows: Rows) -> NDArray[np.float32]:
        words = [
            vocabulary.predict(_drawn(blocks).astype(np.float64))
            for blocks in hog_blocks(dataset, kind, rows, config)
        ]
        counts = np.stack([np.bincount(found, minlength=config.words) for found in words])
        return unit(np.sqrt(counts))

    return features


def _drawn(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the patches (N, F) of an image's blocks (b, b, F) that contain lines; one empty patch if none does."""
    patches = blocks.reshape(-1, blocks.shape[-1])
    drawn = patches[patches.any(axis=1)]
    return drawn if len(drawn) else patches[:1]
