"""Attribute answers: majority, Dawid-Skene for each attribute, and agreement, against a direct computation."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest

from annotation.consensus.attributes import (
    NO,
    YES,
    AttributeAnswers,
    attribute_agreement,
    attribute_outcomes,
)
from annotation.consensus.votes import CANT_TELL


def answers(*rows: tuple[int, int, int]) -> AttributeAnswers:
    subject, worker, answer = np.array(rows).T
    return AttributeAnswers(subject, worker, answer.astype(np.int8))


def test_majority_counts_yes_and_no_and_leaves_cant_tell_out() -> None:
    found = attribute_outcomes(
        answers((1, 1, YES), (1, 2, YES), (1, 3, NO), (2, 1, NO), (2, 2, CANT_TELL), (3, 1, YES), (3, 2, NO),
                (4, 1, CANT_TELL)),
        "majority",
    )  # fmt: skip
    assert {subject: one.outcome for subject, one in found.items()} == {1: "yes", 2: "no", 3: "tie", 4: "tie"}
    assert (found[1].n_yes, found[1].n_no, found[2].n_cant_tell) == (2, 1, 1)
    assert [found[subject].value for subject in (1, 2, 3)] == [1, 0, 0.5]
    assert found[1].probability is None


def crowd(n_subjects: int = 200) -> tuple[AttributeAnswers, np.ndarray]:
    """Five workers describe each subject: two are right in 95 of 100 cases, three answer yes in eight of ten."""
    rng = np.random.default_rng(5)
    truth = rng.random(n_subjects) < 0.4
    rows = []
    for subject, has in enumerate(truth.tolist()):
        for worker in range(5):
            yes = (has if rng.random() < 0.95 else not has) if worker < 2 else rng.random() < 0.8
            rows.append((subject, worker, YES if yes else NO))
    return answers(*rows), truth


def test_dawid_skene_finds_the_careful_workers() -> None:
    given, truth = crowd()
    right = {}
    for aggregation in ("majority", "dawid-skene"):
        found = attribute_outcomes(given, aggregation)
        right[aggregation] = np.mean([(found[i].value > 0.5) == has for i, has in enumerate(truth)])
    assert right["dawid-skene"] > 0.9 > 0.75 > right["majority"]
    (one,) = attribute_outcomes(answers((7, 1, YES)), "dawid-skene").values()
    assert one.outcome == "yes"
    assert 0.5 < (one.probability or 0) <= 1


def test_without_a_yes_or_no_there_is_no_probability() -> None:
    (one,) = attribute_outcomes(answers((7, 1, CANT_TELL)), "dawid-skene").values()
    assert (one.outcome, one.probability, one.value) == ("tie", None, 0.5)


def test_alpha_is_krippendorffs_of_the_matrix_of_answers() -> None:
    given, _ = crowd(60)
    matrix = np.full((5, 60), np.nan)
    matrix[given.worker, given.subject] = given.answer
    expected = krippendorff.alpha(reliability_data=matrix, level_of_measurement="nominal")
    found = attribute_agreement(given)
    assert found.alpha == pytest.approx(expected)
    assert found.n_yes + found.n_no + found.n_tied == 60
    assert attribute_agreement(answers((1, 1, YES))).alpha is None
