"""The prior of recognised names, against sums written out product by product."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.retrieval.name_prior import CURVE, FITS, FLOOR, LIKELY, NO_WORDS, NameFits

NAMES = ("clock", "alarm clock", "mug")
ROWS = np.array([[0, 0, 0], [1, 0.8, 0], [0, 0, 1], [0.4, 0.5, 0]], np.float32)


@pytest.fixture
def fits() -> NameFits:
    """Seven photos: of two clocks, one of which has two photos, of a mug, of a cooker, and of a product without words."""
    groups = np.array([1, 0, 2, 1, 3, 1, 0], np.int32)
    return NameFits(NAMES, groups, ROWS, np.array([2, 2, 1, 1]))


fit = st.floats(0, 1, width=32)


@st.composite
def galleries(draw: st.DrawFn) -> tuple[NameFits, list[float]]:
    n_names, n_groups, n = draw(st.integers(1, 4)), draw(st.integers(1, 5)), draw(st.integers(0, 12))
    row = st.lists(fit, min_size=n_names, max_size=n_names)
    rows = [[0.0] * n_names, *draw(st.lists(row, min_size=n_groups - 1, max_size=n_groups - 1))]
    groups = draw(st.lists(st.integers(0, n_groups - 1), min_size=n, max_size=n))
    names = tuple(f"name {number}" for number in range(n_names))
    shares = np.array(draw(st.lists(fit, min_size=n_names, max_size=n_names)))
    probabilities = (shares / max(1.0, shares.sum())).tolist()
    table = np.array(rows, np.float32)
    sizes = np.bincount(np.array(groups, np.intp), minlength=n_groups)
    return NameFits(names, np.array(groups, np.int32), table, sizes), probabilities


@settings(deadline=None)
@given(gallery=galleries(), weight=st.floats(0, 1), seed=st.integers(0, 9))
def test_scores_are_those_of_the_formula(
    gallery: tuple[NameFits, list[float]], weight: float, seed: int
) -> None:
    fits, probabilities = gallery
    prior = fits.prior(np.array(probabilities, np.float32), weight)
    cosines = np.random.default_rng(seed).uniform(-1, 1, len(fits.groups)).astype(np.float32)
    rows = np.arange(len(fits.groups))
    expected = []
    for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True):
        group = int(fits.groups[row])
        chance = sum(p * f for p, f in zip(probabilities, fits.fits[group].tolist(), strict=True))
        expected.append(
            cosine + CURVE * max(cosine, 0) ** 3 + weight * math.log((chance if group else NO_WORDS) + FLOOR)
        )
    scores = prior.scores(rows, cosines)
    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx(expected, abs=1e-4)


@settings(deadline=None)
@given(gallery=galleries())
def test_likely_rows_are_those_of_products_with_enough_chance(gallery: tuple[NameFits, list[float]]) -> None:
    fits, probabilities = gallery
    prior = fits.prior(np.array(probabilities, np.float32), 0.2)
    likely = [
        row for row, group in enumerate(fits.groups.tolist()) if group and prior.chances[group] >= LIKELY
    ]
    assert prior.likely_rows().tolist() == likely


@settings(deadline=None)
@given(gallery=galleries(), data=st.data())
def test_rows_of_groups_ascend(gallery: tuple[NameFits, list[float]], data: st.DataObject) -> None:
    fits, _ = gallery
    n = len(fits.fits)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    assert fits.rows_of(chosen).tolist() == np.flatnonzero(chosen[fits.groups]).tolist()


def test_a_product_that_fits_comes_before_an_equally_similar_one(fits: NameFits) -> None:
    prior = fits.prior(np.array([0.7, 0.2, 0.01], np.float32), 0.2)
    clock, without_words, mug, cooker = prior.scores(np.array([0, 1, 2, 4]), np.full(4, 0.5, np.float32))
    assert clock > cooker > without_words > mug


def test_products_without_words_are_neither_likely_nor_excluded(fits: NameFits) -> None:
    sure_of_nothing = fits.prior(np.zeros(3, np.float32), 0.2)
    assert sure_of_nothing.likely_rows().tolist() == []
    wordless, mug = sure_of_nothing.scores(np.array([1, 2]), np.full(2, 0.5, np.float32))
    assert wordless > mug


def test_no_weight_ranks_by_shape(fits: NameFits) -> None:
    cosines = np.linspace(-1, 1, 7, dtype=np.float32)
    scores = fits.prior(np.array([0.9, 0.1, 0.0], np.float32), 0.0).scores(np.arange(7), cosines)
    assert (np.diff(scores) > 0).all()


def test_a_name_narrows_to_what_fits_at_least_half(fits: NameFits) -> None:
    assert ROWS[3, 0] < FITS <= ROWS[3, 1]
    assert fits.fitting(0).tolist() == [True, False, False, True, False, True, False]
    assert fits.fitting(1).tolist() == [True, False, False, True, True, True, False]


def test_products_are_counted_not_photos(fits: NameFits) -> None:
    assert [fits.n_products(name) for name in range(3)] == [2, 3, 1]
