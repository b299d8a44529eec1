"""The ranking losses and HOLEF against naive reference implementations."""

import math

import pytest
import torch

from ml.losses.contrastive import contrastive_loss
from ml.losses.holef_regulariser import holef_regulariser
from ml.losses.triplet import triplet_loss
from ml.models.dssa.holef import Holef


def random(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("violating", [False, True])
def test_triplet_loss_equals_a_loop(violating: bool) -> None:
    near, far = random(9, seed=0).abs(), random(9, seed=1).abs()
    hinges = [max(0.0, 0.3 + float(p) - float(n)) for p, n in zip(near, far, strict=True)]
    counted = [hinge for hinge in hinges if hinge > 0] if violating else hinges
    assert 0 < sum(hinge > 0 for hinge in hinges) < 9
    loss = triplet_loss(near, far, margin=0.3, violating=violating)
    assert loss.item() == pytest.approx(sum(counted) / len(counted), abs=1e-12)


@pytest.mark.parametrize("violating", [False, True])
def test_satisfied_triplets_give_zero_loss(violating: bool) -> None:
    near = torch.zeros(3, requires_grad=True)
    loss = triplet_loss(near, torch.full((3,), 0.5), margin=0.3, violating=violating)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert near.grad is not None
    assert near.grad.abs().sum() == 0
    assert triplet_loss(torch.zeros(0), torch.zeros(0), margin=0.3, violating=violating) == 0


def test_contrastive_loss_equals_a_loop() -> None:
    distances, same = random(4, 5, seed=2).abs(), torch.zeros(4, 5, dtype=torch.bool)
    same[0, 1] = same[3, 2] = True
    pulled: list[float] = []
    pushed: list[float] = []
    for row, flags in zip(distances.tolist(), same.tolist(), strict=True):
        for distance, match in zip(row, flags, strict=True):
            (pulled if match else pushed).append(distance if match else max(0.0, 0.8 - distance))
    expected = (sum(pulled) / len(pulled) + sum(pushed) / len(pushed)) / 2
    assert contrastive_loss(distances, same, margin=0.8).item() == pytest.approx(expected, abs=1e-12)


def test_holef_regulariser_equals_a_loop_and_is_zero_at_the_identity() -> None:
    weight = random(4, 4, seed=3)
    off = [[float(weight[i, j]) - (i == j) for j in range(4)] for i in range(4)]
    expected = sum(abs(x) for row in off for x in row) + math.sqrt(sum(x * x for row in off for x in row))
    assert holef_regulariser(weight).item() == pytest.approx(expected, abs=1e-12)
    identity = torch.eye(4, requires_grad=True)
    loss = holef_regulariser(identity)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert identity.grad is not None
    assert torch.isfinite(identity.grad).all()


def holef(seed: int) -> Holef:
    module = Holef(6).double()
    with torch.no_grad():
        module.weight.copy_(random(6, 6, seed=seed))
    return module


def test_holef_expansion_equals_the_double_sum() -> None:
    module, sketches, photos = holef(4).requires_grad_(False), random(3, 6, seed=5), random(5, 6, seed=6)
    for m in range(3):
        for n in range(5):
            naive = sum(
                float(module.weight[i, j]) * float(sketches[m, i] - photos[n, j]) ** 2
                for i in range(6)
                for j in range(6)
            )
            assert module(sketches, photos)[m, n].item() == pytest.approx(naive, abs=1e-10)
    torch.testing.assert_close(module(sketches, photos), module.direct(sketches, photos))


def test_holef_gallery_vectors_rank_as_the_distance_does() -> None:
    module, sketches, photos = holef(7), random(4, 6, seed=8), random(50, 6, seed=9)
    vectors, bias = module.gallery(photos)
    indexed = bias - 2 * sketches @ vectors.T  # as computed by an inner-product index
    assert torch.equal(indexed.argsort(1), module(sketches, photos).argsort(1))


def test_holef_starts_as_the_squared_euclidean_distance() -> None:
    sketches, photos = random(3, 6, seed=1).float(), random(5, 6, seed=2).float()
    expected = (sketches[:, None] - photos[None]).square().sum(2)
    torch.testing.assert_close(Holef(6)(sketches, photos), expected)
