"""The losses of `sketchfind` against naive reference implementations."""

import math

import pytest
import torch

from ml.losses.info_nce import info_nce
from ml.losses.label_set import label_set_cross_entropy
from ml.losses.quantisation import quantisation_loss


def unit(n: int, d: int, seed: int) -> torch.Tensor:
    rows = torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=1)


def naive_info_nce(
    queries: torch.Tensor, gallery: torch.Tensor, temperature: float, excluded: torch.Tensor
) -> float:
    n, total = len(queries), 0.0
    for i in range(n):
        own = math.exp(float(queries[i] @ gallery[i]) / temperature)
        row = sum(
            math.exp(float(queries[i] @ gallery[j]) / temperature) for j in range(n) if not excluded[i, j]
        )
        column = sum(
            math.exp(float(queries[j] @ gallery[i]) / temperature) for j in range(n) if not excluded[j, i]
        )
        total += -math.log(own / row) - math.log(own / column)
    return total / (2 * n)


@pytest.mark.parametrize("excluded_pairs", [[], [(0, 1), (1, 0)], [(2, 4)]])
def test_info_nce_equals_a_loop(excluded_pairs: list[tuple[int, int]]) -> None:
    queries, gallery = unit(5, 8, 0), unit(5, 8, 1)
    excluded = torch.zeros(5, 5, dtype=torch.bool)
    for i, j in excluded_pairs:
        excluded[i, j] = True
    loss = info_nce(queries, gallery, temperature=0.2, excluded=excluded)
    assert loss.item() == pytest.approx(naive_info_nce(queries, gallery, 0.2, excluded), abs=1e-9)


def test_info_nce_falls_when_the_pair_agrees() -> None:
    queries = unit(6, 8, 0)
    agreeing = info_nce(queries, queries, temperature=0.1)
    assert agreeing < info_nce(queries, queries.roll(1, 0), temperature=0.1)


def test_label_set_cross_entropy_equals_a_loop() -> None:
    logits = torch.randn(4, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    allowed = torch.tensor(
        [[1, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]]
    ).bool()
    expected = 0.0
    for row, right in zip(logits.exp(), allowed, strict=True):
        expected -= math.log(float(row[right].sum() / row.sum())) / len(logits)
    assert label_set_cross_entropy(logits, allowed).item() == pytest.approx(expected, abs=1e-9)


def test_a_single_right_label_gives_the_ordinary_cross_entropy() -> None:
    logits, labels = torch.randn(7, 5), torch.tensor([0, 1, 2, 3, 4, 0, 1])
    allowed = torch.nn.functional.one_hot(labels, 5).bool()
    assert label_set_cross_entropy(logits, allowed) == pytest.approx(
        torch.nn.functional.cross_entropy(logits, labels)
    )


def test_quantisation_is_zero_only_on_codes() -> None:
    assert quantisation_loss(torch.tensor([[1.0, -1.0], [-1.0, 1.0]])) == 0
    assert quantisation_loss(torch.tensor([[0.5, -1.0]])).item() == pytest.approx(0.125)
