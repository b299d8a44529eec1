"""The hashing losses against naive reference implementations, and closed-form steps against their objectives."""

from __future__ import annotations

import pytest
import torch

from ml.losses.pairwise_hashing import pairwise_hashing_loss
from ml.losses.quantisation import quantisation_loss
from ml.losses.semantic_factorisation import basis_step, code_regression_loss, code_step
from ml.losses.sketch_centre import class_centres, follow_centres, sketch_centre_loss


def random(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


LABELS = torch.tensor([0, 2, 2, 1, 0, 2])


def test_sketch_centre_loss_equals_a_loop_and_does_not_train_the_centres() -> None:
    relaxed, centres = random(6, 4, seed=0).sigmoid(), random(3, 4, seed=1).requires_grad_()
    relaxed.requires_grad_()
    loss = sketch_centre_loss(relaxed, LABELS, centres)
    expected = sum(
        float((relaxed[n, k] - centres[int(label), k]).detach()) ** 2
        for n, label in enumerate(LABELS)
        for k in range(4)
    )
    assert loss.item() == pytest.approx(expected / 6)
    loss.backward()  # type: ignore[no-untyped-call]
    assert relaxed.grad is not None
    assert centres.grad is None


def test_class_centres_are_means() -> None:
    relaxed = random(6, 4, seed=2)
    centres = class_centres([(relaxed[:2], LABELS[:2]), (relaxed[2:], LABELS[2:])], 4)
    for label in range(3):
        torch.testing.assert_close(centres[label], relaxed[label == LABELS].mean(0))
    torch.testing.assert_close(centres[3], relaxed.mean(0))


def test_common_centres_follow_their_members() -> None:
    relaxed, centres = random(6, 4, seed=3), random(4, 4, seed=4)
    expected = centres.clone()
    for label in range(4):
        members = [relaxed[n] for n in range(6) if int(LABELS[n]) == label]
        towards = sum((centres[label] - member for member in members), torch.zeros(4)) / (1 + len(members))
        expected[label] -= 0.5 * towards
    follow_centres(centres, relaxed, LABELS)
    torch.testing.assert_close(centres, expected)


def test_eq_3_follows_from_the_shared_quantisation_loss() -> None:
    f = random(5, 8, seed=5).sigmoid()
    codes = (f > 0.5).double()
    torch.testing.assert_close((codes - f).square().sum(1).mean(), 8 / 4 * quantisation_loss(2 * f - 1))


def test_pairwise_loss_equals_a_loop() -> None:
    codes, margin = random(6, 4, seed=6), 8.0
    total, pairs = 0.0, 0
    for i in range(6):
        for j in range(i + 1, 6):
            squared = float((codes[i] - codes[j]).square().sum())
            same = LABELS[i] == LABELS[j]
            total += 0.5 * (squared if same else max(0.0, margin - squared))
            for code in (codes[i], codes[j]):
                total += 0.01 * sum(abs(abs(float(value)) - 1) for value in code)
            pairs += 1
    loss = pairwise_hashing_loss(codes, LABELS, margin=margin, regularisation=0.01)
    assert loss.item() == pytest.approx(total / pairs)


def test_basis_step_has_zero_gradient() -> None:
    codes, classes = random(20, 6, seed=7).sign(), torch.eye(4, dtype=torch.float64)[torch.arange(20) % 4]
    basis = basis_step(codes, classes).requires_grad_()
    objective = (codes - classes @ basis).square().sum() + basis.square().sum()
    objective.backward()  # type: ignore[no-untyped-call]
    assert basis.grad is not None
    torch.testing.assert_close(basis.grad, torch.zeros_like(basis.grad), atol=1e-10, rtol=0)


def test_code_step_finds_the_best_of_all_codes() -> None:
    classes, basis, outputs = random(1, 4, seed=8), random(4, 6, seed=9), random(1, 6, seed=10)
    target = classes @ basis

    def cost(code: torch.Tensor) -> float:
        return float((code - target).square().sum() + 0.3 * (outputs - code).square().sum())

    every = [torch.tensor([[2.0 * (n >> k & 1) - 1 for k in range(6)]]).double() for n in range(64)]
    best = min(every, key=cost)
    assert torch.equal(code_step(classes, basis, outputs, alpha=0.3), best)
    zero = code_step(torch.zeros(1, 1), torch.zeros(1, 2), torch.zeros(1, 2), alpha=1.0)
    assert zero.tolist() == [[-1.0, -1.0]]


def test_code_regression_equals_a_loop() -> None:
    outputs, codes = random(3, 4, seed=11), random(3, 4, seed=12).sign()
    expected = sum(float(outputs[n, k] - codes[n, k]) ** 2 for n in range(3) for k in range(4)) / 3
    assert code_regression_loss(outputs, codes).item() == pytest.approx(expected)
