"""Team-draft interleaving."""

from __future__ import annotations

import numpy as np
import pytest

from ml.retrieval.interleaving import takes_part, team_draft

FIRST, SECOND = [1, 2, 3, 4, 5, 6], [4, 3, 7, 1, 8, 9]


def naive(first: list[int], second: list[int], k: int, coins: list[int]) -> tuple[list[int], list[int]]:
    """Do what the paper says, round by round."""
    items: list[int] = []
    teams: list[int] = []
    for coin in coins:
        for team in (coin, 1 - coin):
            left = [item for item in (first, second)[team] if item not in items]
            if left and len(items) < k:
                items.append(left[0])
                teams.append(team)
    return items, teams


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_papers_draft(seed: int) -> None:
    draft = team_draft(FIRST, SECOND, 8, np.random.default_rng(seed))
    coins = [int(coin) for coin in np.random.default_rng(seed).integers(2, size=8)]
    assert (list(draft.items), list(draft.teams)) == naive(FIRST, SECOND, 8, coins)


def test_both_rankings_contribute_alike_and_each_leads_half_of_the_time() -> None:
    drafts = [team_draft(FIRST, SECOND, 6, np.random.default_rng(seed)) for seed in range(2000)]
    assert {sum(draft.teams) for draft in drafts} == {3}
    assert np.mean([draft.teams[0] for draft in drafts]) == pytest.approx(0.5, abs=0.04)


def test_equal_rankings_stay_as_they_are() -> None:
    assert team_draft(FIRST, FIRST, 6, np.random.default_rng(0)).items == tuple(FIRST)


def test_a_short_ranking_passes_and_nothing_is_shown_twice() -> None:
    draft = team_draft([1], [1, 2, 3], 10, np.random.default_rng(0))
    assert sorted(draft.items) == [1, 2, 3]
    assert team_draft([], [], 10, np.random.default_rng(0)).items == ()


def test_every_machine_assigns_a_visit_alike_and_each_experiment_anew() -> None:
    visits = [f"visit-{n}" for n in range(4000)]
    tenth = {visit for visit in visits if takes_part(visit, 1, 10)}
    assert len(tenth) / len(visits) == pytest.approx(0.1, abs=0.02)
    assert tenth < {visit for visit in visits if takes_part(visit, 1, 50)}  # a larger share keeps them
    other = {visit for visit in visits if takes_part(visit, 2, 10)}
    assert len(tenth & other) / len(tenth) == pytest.approx(0.1, abs=0.06)
    assert all(takes_part(visit, 3, 100) for visit in visits)
    assert min(percent for percent in range(101) if takes_part("visit-0", 1, percent)) == 50  # everywhere
