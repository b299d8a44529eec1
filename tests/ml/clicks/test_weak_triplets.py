"""Weak triplets of an answer."""

from __future__ import annotations

import pytest

from ml.clicks.position_bias import PositionBias
from ml.clicks.weak_triplets import DEPTH, MAX_WEIGHT, weak_triplets

SHOWN = list(range(100, 124))
FLAT, STEEP = PositionBias(0.0, (0.0, 0.0), 0), PositionBias(1.0, (1.0, 1.0), 0)


def test_what_was_opened_wins_against_what_was_passed_over() -> None:
    found = weak_triplets(SHOWN, [102, 100], FLAT)
    passed = [product for product in SHOWN[:DEPTH] if product not in (100, 102)]
    assert [each.passed_over for each in found] == passed * 2
    assert [each.opened for each in found] == [100] * len(passed) + [102] * len(passed)


def test_a_click_weighs_the_inverse_of_how_often_its_rank_is_seen() -> None:
    for rank in (1, 4, 7):
        found = weak_triplets(SHOWN, [SHOWN[rank - 1]], STEEP)
        assert sum(each.weight for each in found) == pytest.approx(rank)
    far = weak_triplets(SHOWN, [SHOWN[20]], STEEP)
    assert sum(each.weight for each in far) == pytest.approx(MAX_WEIGHT)


def test_only_above_is_the_ranking_turned_round() -> None:
    found = weak_triplets(SHOWN, [102], FLAT, only_above=True)
    assert [each.passed_over for each in found] == [100, 101]
    assert weak_triplets(SHOWN, [100], FLAT, only_above=True) == []


def test_no_click_and_clicks_on_nothing_shown_teach_nothing() -> None:
    assert weak_triplets(SHOWN, [], STEEP) == []
    assert weak_triplets(SHOWN, [7], STEEP) == []
    assert weak_triplets([100], [100], STEEP) == []
