from __future__ import annotations

import numpy as np

from ml.retrieval.half import to_float32


def test_every_finite_half_becomes_the_same_single() -> None:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = halves[np.isfinite(halves)]
    converted = to_float32(finite)
    assert converted.dtype == np.float32
    assert (converted == finite.astype(np.float32)).all()
    assert (np.signbit(converted) == np.signbit(finite)).all()
    assert to_float32(finite[:60].reshape(4, 15)).shape == (4, 15)
