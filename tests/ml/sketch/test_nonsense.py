from __future__ import annotations

import numpy as np
import pytest

from ml.sketch.nonsense import KINDS, nonsense
from ml.sketch.raster import RasterSpec, rasterise

SPEC = RasterSpec(size=64, stroke_width_px=2.0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_leaves_ink_that_depends_only_on_the_seed(kind: str) -> None:
    once, again, other = (
        [rasterise(sketch, SPEC) for sketch in nonsense(kind, 6, seed)] for seed in (3, 3, 4)
    )
    assert all((image < 128).any() for image in once)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert len({image.tobytes() for image in once}) > 1
