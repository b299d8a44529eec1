"""int8 weights whose pairwise sums fit 16 bits, so that every processor computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from ml.training.quantise import LARGEST_PAIR, _scales, largest_pair, quantised_convolutions

ZOO = Path(__file__).parents[3] / "ml" / "zoo"


@pytest.mark.parametrize("shipped", ["sketchfind/encoder.int8.onnx", "recogniser/recogniser.int8.onnx"])
def test_no_pair_of_the_shipped_weights_overflows_16_bits(shipped: str) -> None:
    model = onnx.load(ZOO / shipped)
    values = {initialiser.name: initialiser for initialiser in model.graph.initializer}
    dense = [each for each in quantised_convolutions(model) if not each.is_depthwise]
    assert len(dense) > 20
    for convolution in dense:
        weight = numpy_helper.to_array(values[convolution.weight])
        assert 255 * largest_pair(weight) <= 32_767, convolution.node.name


@pytest.mark.parametrize("shape", [(8, 40, 1, 1), (4, 3, 3, 3), (5, 1, 1, 1)])
def test_scaled_weights_use_the_full_range_and_no_pair_overflows(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=shape).astype(np.float32)
    weight[0, 0] *= 20  # a single large weight keeps nearly the full range
    quantised = np.round(weight / _scales(weight)[:, None, None, None])
    assert np.abs(quantised).max() <= 127
    assert largest_pair(quantised.astype(np.int8)) <= LARGEST_PAIR
    assert np.abs(quantised).reshape(len(weight), -1).max(axis=1).min() >= 60


def test_the_largest_pair_counts_weights_of_one_sign_in_one_channel() -> None:
    weight = np.array([[100, -100, 20], [-90, 127, -30]], np.int8)[..., None, None]
    assert largest_pair(weight) == 127  # from the single 127; 100 + 20 and -90 - 30 give 120
