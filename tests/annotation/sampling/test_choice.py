"""Which triplets are chosen: a random share, and the rest where the models disagree."""

import numpy as np
import pytest

from annotation.sampling.choice import choose, closeness, disagreement, vote_entropy


def test_disagreement_is_the_chance_that_two_draws_differ() -> None:
    live, candidate = np.array([1.0, 1.0, 0.5, 0.8]), np.array([1.0, 0.0, 0.5, 0.3])
    assert disagreement(live, candidate) == pytest.approx([0, 1, 0.5, 0.8 * 0.7 + 0.2 * 0.3])


def test_entropy_of_votes_is_a_bit_before_any_and_falls_with_agreement() -> None:
    entropy = vote_entropy(np.array([0, 1, 2, 3, 2]), np.array([0, 1, 0, 0, 1]))
    assert entropy[0] == entropy[1] == 1
    assert 1 > entropy[4] > entropy[2] > entropy[3] > 0


def test_closeness_does_not_depend_on_scale() -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 1.0])
    assert closeness(a, b) == pytest.approx(closeness(1000 * a, 1000 * b))
    assert closeness(a, b)[1] == 0.5
    assert closeness(a, b)[0] > 0.5 > closeness(a, b)[2]


def test_highest_scores_are_chosen_besides_a_marked_random_share() -> None:
    score = np.random.default_rng(1).random(1000)
    chosen = choose("disagreement", 1000, 200, random_share=0.15, rng=np.random.default_rng(2), score=score)
    assert len(np.unique(chosen.rows)) == 200
    assert chosen.is_random.sum() == 30
    random, rest = chosen.rows[chosen.is_random], chosen.rows[~chosen.is_random]
    others = np.setdiff1d(np.arange(1000), random)
    assert set(rest) == set(others[np.argsort(-score[others])][:170])
    assert (chosen.score == score[chosen.rows]).all()


def test_the_random_share_is_drawn_uniformly() -> None:
    """Over many seeds, every triplet is marked about equally often, regardless of its score."""
    marked = np.zeros(20)
    for seed in range(3000):
        chosen = choose(
            "disagreement", 20, 10, random_share=0.3, rng=np.random.default_rng(seed), score=np.arange(20.0)
        )
        marked[chosen.rows[chosen.is_random]] += 1
    assert np.abs(marked / 3000 - 3 / 20).max() < 0.03


@pytest.mark.parametrize("strategy", ["all", "random"])
def test_all_and_random_also_mark_a_share(strategy: str) -> None:
    chosen = choose(strategy, 100, 40, random_share=0.15, rng=np.random.default_rng(0))  # type: ignore[arg-type]
    assert len(np.unique(chosen.rows)) == (100 if strategy == "all" else 40)
    assert chosen.is_random.sum() == (15 if strategy == "all" else 6)


def test_a_seed_gives_the_same_choice() -> None:
    score = np.zeros(50)  # all tied
    first, again, other = (
        choose("disagreement", 50, 20, random_share=0.15, rng=np.random.default_rng(seed), score=score).rows
        for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_disagreement_without_scores_is_refused() -> None:
    with pytest.raises(ValueError, match="score"):
        choose("disagreement", 3, 1, random_share=0, rng=np.random.default_rng(0))
