from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml.retrieval.packing import hamming, pack, unpack


def test_bit_k_is_the_sign_of_logit_k_and_zero_counts_as_negative() -> None:
    logits = np.array([[1.0, 0.0, -0.0, 2.0, -3.0, np.finfo(np.float32).tiny, -1.0, 5.0]], np.float32)
    assert pack(logits).tolist() == [[0b10101001]]


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 5), st.sampled_from([8, 64, 128])),
        elements=st.floats(-2, 2, width=32),
    )
)
def test_unpacking_restores_the_signs(logits: Any) -> None:
    assert (unpack(pack(logits)) == (logits > 0)).all()


def test_hamming_counts_differing_bits() -> None:
    rng = np.random.default_rng(0)
    logits, query = rng.normal(size=(50, 64)), rng.normal(size=64)
    naive = [sum((a > 0) != (b > 0) for a, b in zip(row, query, strict=True)) for row in logits]
    assert hamming(pack(logits), pack(query[None])[0]).tolist() == naive


@pytest.mark.parametrize("shape", [(3, 12), (8,), (2, 2, 8)])
def test_a_code_length_that_is_not_whole_bytes_is_refused(shape: Any) -> None:
    with pytest.raises(ValueError, match="multiple of 8"):
        pack(np.zeros(shape))
