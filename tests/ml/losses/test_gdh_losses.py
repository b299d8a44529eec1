"""GDH's losses against naive reference implementations."""

from __future__ import annotations

import math

import pytest
import torch

from ml.losses.adversarial import discriminator_loss, generator_loss
from ml.losses.code_triplet import batch_code_triplet_loss, code_triplet_loss
from ml.losses.cycle_consistency import cycle_loss
from ml.losses.forms import AdversarialForm
from ml.losses.unification import unification_loss


def random(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def probabilities(logits: torch.Tensor) -> list[float]:
    return [1 / (1 + math.exp(-value)) for value in logits.flatten().tolist()]


def test_the_discriminator_minimises_the_negative_of_eq_1() -> None:
    real, fake = random(3, 1, 2, 2, seed=0), random(4, 1, 2, 2, seed=1)
    expected = sum(math.log(p) for p in probabilities(real)) / 12
    expected += sum(math.log(1 - p) for p in probabilities(fake)) / 16
    assert discriminator_loss(real, fake).item() == pytest.approx(-expected)


def test_the_generator_minimises_its_term_of_eq_1() -> None:
    fake = random(4, 1, 2, 2, seed=2)
    minimax = sum(math.log(1 - p) for p in probabilities(fake)) / 16
    repaired = -sum(math.log(p) for p in probabilities(fake)) / 16
    assert generator_loss(fake, form="minimax").item() == pytest.approx(minimax)
    assert generator_loss(fake, form="non-saturating").item() == pytest.approx(repaired)


@pytest.mark.parametrize("form", ["minimax", "non-saturating"])
def test_a_fooled_discriminator_lowers_the_loss_and_only_minimax_saturates(form: AdversarialForm) -> None:
    fake = torch.tensor([-8.0, 8.0], requires_grad=True)
    generator_loss(fake, form=form).backward()  # type: ignore[no-untyped-call]
    assert fake.grad is not None
    assert (fake.grad < 0).all()
    seen_through = abs(float(fake.grad[0]))
    assert seen_through < 1e-3 if form == "minimax" else seen_through > 0.4


def test_large_logits_give_finite_losses() -> None:
    far = torch.tensor([-1000.0, 1000.0])
    assert torch.isfinite(discriminator_loss(far, far))
    assert torch.isfinite(generator_loss(far, form="minimax"))


def test_cycle_loss_equals_a_loop() -> None:
    cycled, original = random(3, 2, 4, 4, seed=3), random(3, 2, 4, 4, seed=4)
    norms, absolute = 0.0, 0.0
    for a, b in zip(cycled, original, strict=True):
        differences = [x - y for x, y in zip(a.flatten().tolist(), b.flatten().tolist(), strict=True)]
        norms += math.sqrt(sum(d * d for d in differences)) / math.sqrt(32) / 3
        absolute += sum(abs(d) for d in differences) / 32 / 3
    assert cycle_loss(cycled, original, distance="frobenius").item() == pytest.approx(norms)
    assert cycle_loss(cycled, original, distance="l1").item() == pytest.approx(absolute)


def test_an_exact_reconstruction_has_a_finite_gradient() -> None:
    image = random(1, 3, 4, 4, seed=5)
    cycled = image.clone().requires_grad_()
    cycle_loss(cycled, image, distance="frobenius").backward()  # type: ignore[no-untyped-call]
    assert cycled.grad is not None
    assert torch.isfinite(cycled.grad).all()


def test_unification_loss_equals_a_loop() -> None:
    photo, sketch = random(3, 8, seed=6), random(3, 8, seed=7)
    expected = sum(float((photo[n, k] - sketch[n, k]) ** 2) for n in range(3) for k in range(8)) / 3
    assert unification_loss(photo, sketch).item() == pytest.approx(expected)


def hinge(anchor: torch.Tensor, positive: torch.Tensor, negative: torch.Tensor) -> float:
    near = sum((float(a) - float(p)) ** 2 for a, p in zip(anchor, positive, strict=True))
    far = sum((float(a) - float(n)) ** 2 for a, n in zip(anchor, negative, strict=True))
    return max(0.0, 0.5 * len(anchor) + near - far)


def test_triplet_margin_is_half_the_code_length() -> None:
    anchor, positive, negative = (random(6, 8, seed=seed) for seed in (8, 9, 10))
    terms = [hinge(a, p, n) for a, p, n in zip(anchor, positive, negative, strict=True)]
    assert any(term > 0 for term in terms)
    assert code_triplet_loss(anchor, positive, negative).item() == pytest.approx(sum(terms) / 6)


@pytest.mark.parametrize("violating", [False, True])
def test_batch_triplets_equal_a_loop_over_other_products(violating: bool) -> None:
    anchor, photo = random(4, 8, seed=11), random(4, 8, seed=12)
    other = ~torch.eye(4, dtype=torch.bool)
    other[0, 2] = other[2, 0] = False  # a product that is twice in the batch
    terms = [hinge(anchor[i], photo[i], photo[j]) for i in range(4) for j in range(4) if other[i, j]]
    counted = sum(term > 0 for term in terms) if violating else len(terms)
    loss = batch_code_triplet_loss(anchor, photo, other, violating=violating)
    assert loss.item() == pytest.approx(sum(terms) / counted)


def test_a_batch_of_one_product_has_no_triplet() -> None:
    codes = random(3, 8, seed=13).requires_grad_()
    loss = batch_code_triplet_loss(codes, codes.detach(), torch.zeros(3, 3, dtype=torch.bool))
    assert loss.item() == 0
    loss.backward()  # type: ignore[no-untyped-call]
