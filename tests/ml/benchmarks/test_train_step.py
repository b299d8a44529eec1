"""The training benchmark compares equivalent steps."""

import pytest

from ml.benchmarks.doodles import doodle
from ml.benchmarks.train_step import make_batch, run
from ml.sketch.raster import RasterSpec, rasterise

pytestmark = pytest.mark.slow


def test_both_variants_of_the_step_compute_the_same_loss() -> None:
    measured = run(n_triplets=2, n_steps=2)
    assert measured["loss_difference"] < 0.03
    assert measured["images_per_step"] == 6


def test_a_batch_depends_only_on_its_step() -> None:
    frames = [rasterise(doodle(seed), RasterSpec(size=256)) for seed in range(4)]
    assert (make_batch(frames, 2, 5) == make_batch(frames, 2, 5)).all()
    assert (make_batch(frames, 2, 5) != make_batch(frames, 2, 6)).any()
