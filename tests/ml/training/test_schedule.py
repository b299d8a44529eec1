"""Learning-rate schedules: factors at selected steps. Optimisers: parameter groups, momentum, weight decay."""

import pytest
import torch
from torch import nn

from ml.training.optimisers import build_optimizer
from ml.training.schedule import constant, cosine, named_schedule, step_decay


def test_every_schedule_warms_up_linearly() -> None:
    for name in ("cosine", "step", "constant"):
        schedule = named_schedule(name, 100, 4)
        assert [schedule(step) for step in range(5)] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_cosine_falls_to_zero() -> None:
    schedule = cosine(104, 4)
    assert schedule(54) == pytest.approx(0.5)
    assert schedule(103) < 3e-4


def test_step_schedule_drops_at_its_fractions_of_the_run() -> None:
    schedule = step_decay(100, drops=(0.5, 0.9), factor=0.1)
    assert [schedule(step) for step in (49, 50, 89, 90)] == pytest.approx([1.0, 0.1, 0.1, 0.01])


def test_constant_schedule_stays_at_one() -> None:
    assert {constant()(step) for step in range(1000)} == {1.0}


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_an_optimiser_trains_each_group_at_its_rate_and_skips_frozen_parameters(name: str) -> None:
    fast, slow, frozen = (nn.Parameter(torch.ones(3)) for _ in range(3))
    frozen.requires_grad = False
    optimizer = build_optimizer(name, [([fast, frozen], 0.1), ([slow], 0.01), ([frozen], 1.0)])  # type: ignore[arg-type]
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.01]
    torch.autograd.backward(fast.sum() + slow.sum())
    optimizer.step()
    assert torch.allclose(1 - fast, 10 * (1 - slow), rtol=1e-3)
    assert frozen.tolist() == [1, 1, 1]


def test_sgd_has_momentum_and_weight_decay() -> None:
    weight = nn.Parameter(torch.tensor([2.0]))
    optimizer = build_optimizer("sgd", [([weight], 0.1)], weight_decay=0.5, momentum=0.9)
    expected, velocity = 2.0, 0.0
    for _ in range(3):
        optimizer.zero_grad()
        torch.autograd.backward((3 * weight).sum())
        optimizer.step()
        velocity = 0.9 * velocity + 3 + 0.5 * expected
        expected -= 0.1 * velocity
    assert weight.item() == pytest.approx(expected)
