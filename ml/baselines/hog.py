"""Histograms of oriented gradients (Dalal and Triggs, CVPR 2005) of whole sketches and edge maps, from scikit-image."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.feature import hog

from ml.baselines.scorers import Features, unit
from ml.datasets.frames import FrameSpec, Kind, framed, frames
from ml.datasets.pairs import PairDataset
from ml.protocols.scorer import Rows
from ml.training.config import documented

IMAGE_PX = 256
WHOLE = FrameSpec(size_px=IMAGE_PX, crop="none", squareness=0.0, margin=0.0)


@dataclass(frozen=True)
class HogConfig:
    """Settings of the HOG descriptor of a 256-px image."""

    cell_px: int = documented(32, "cell side in pixels, a divisor of 256")
    block_cells: int = documented(1, "cells per side of a block, within which histograms are normalised")
    orientations: int = documented(9, "bins over 180 degrees")
    blur_px: float = documented(1.0, "sigma of the blur that gives thin lines a gradient, in pixels")


def hog_blocks(
    dataset: PairDataset, kind: Kind, rows: Rows, config: HogConfig
) -> NDArray[np.float32]:  # (N, b, b, block_cells^2 * orientations)
    """Return the normalised histograms of every block position, float32; blocks advance by one cell."""
    # Strokes are drawn as fast as a cache would be read, of which 70,000 drawings need 5 GB.
    drawn = kind == "sketch" and len(rows) > 0 and dataset.strokes(int(rows[0])) is not None
    images = (
        (framed(dataset, kind, int(row), WHOLE) for row in rows)
        if drawn
        else frames(dataset, kind, rows, WHOLE)
    )
    blocks = [
        hog(
            cv2.GaussianBlur(image, (0, 0), config.blur_px),
            orientations=config.orientations,
            pixels_per_cell=(config.cell_px, config.cell_px),
            cells_per_block=(config.block_cells, config.block_cells),
            feature_vector=False,
        )
        for image in images
    ]
    stacked = np.asarray(blocks, dtype=np.float32)
    return stacked.reshape(*stacked.shape[:3], -1)


def hog_vectors(config: HogConfig) -> Features:
    """Return features that join all blocks of an image in one unit vector, float32 (N, F)."""

    def features(dataset: PairDataset, kind: Kind, rows: Rows) -> NDArray[np.float32]:
        blocks = hog_blocks(dataset, kind, rows, config)
        return unit(blocks.reshape(len(blocks), -1))

    return features
