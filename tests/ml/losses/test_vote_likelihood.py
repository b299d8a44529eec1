"""The likelihood of human triplet votes against a naive reference implementation."""

import math

import pytest
import torch

from ml.losses.vote_likelihood import vote_likelihood


def test_matches_a_loop_over_the_votes() -> None:
    nearer, farther = torch.tensor([0.9, 0.1, 0.4]), torch.tensor([0.2, 0.3, 0.4])
    total = 0.0
    for near, far in zip(nearer.tolist(), farther.tolist(), strict=True):
        total -= math.log(1 / (1 + math.exp(-(near - far) / 0.2)))
    assert vote_likelihood(nearer, farther, temperature=0.2).item() == pytest.approx(total / 3, rel=1e-5)


def test_votes_that_contradict_each_other_pull_towards_a_tie() -> None:
    pair = torch.tensor([0.5, 0.2], requires_grad=True)
    vote_likelihood(pair, pair.flip(0), temperature=0.2).backward()  # type: ignore[no-untyped-call]
    assert pair.grad is not None
    assert pair.grad[0] > 0 > pair.grad[1]


def test_no_votes_give_zero_loss() -> None:
    none = torch.zeros(0, requires_grad=True)
    loss = vote_likelihood(none, none, temperature=0.2)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0.0


def test_an_uncertain_judgement_is_the_weighted_mean_of_both_answers() -> None:
    nearer, farther = torch.tensor([0.9, 0.1]), torch.tensor([0.2, 0.3])
    certainty = torch.tensor([0.8, 1.0])
    total = 0.0
    for near, far, sure in zip(nearer.tolist(), farther.tolist(), certainty.tolist(), strict=True):
        right = 1 / (1 + math.exp(-(near - far) / 0.2))
        total -= sure * math.log(right) + (1 - sure) * math.log(1 - right)
    loss = vote_likelihood(nearer, farther, temperature=0.2, certainty=certainty)
    assert loss.item() == pytest.approx(total / 2, rel=1e-5)
