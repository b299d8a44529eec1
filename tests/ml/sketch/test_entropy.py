import numpy as np
import pytest

from ml.benchmarks.doodles import doodle
from ml.sketch.augment import partial
from ml.sketch.entropy import image_entropy, noise_free
from ml.sketch.raster import rasterise


def test_known_histograms() -> None:
    assert image_entropy(np.full((4, 4), 255, dtype=np.uint8)) == 0
    assert image_entropy(np.array([[0, 255]], dtype=np.uint8)) == pytest.approx(1 / 8)
    assert image_entropy(np.arange(256, dtype=np.uint8)) == pytest.approx(1.0)


def test_more_ink_has_more_entropy() -> None:
    sketch = doodle(0, n_strokes=8)
    first, whole = (image_entropy(rasterise(partial(sketch, k))) for k in (1, 8))
    assert 0 < first < whole < 0.6


def test_noise_free_keeps_the_middle_nine_tenths() -> None:
    kept = noise_free(np.random.default_rng(0).permutation(100) / 100)
    assert kept.sum() == 90
    values = [5.0, 1.0, 5.0, 5.0, 9.0]
    assert noise_free(values, middle=0.5).tolist() == [True, False, True, True, False]
