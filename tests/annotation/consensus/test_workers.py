"""Worker reports, and when a worker is warned or blocked."""

from dataclasses import replace

import numpy as np
import pytest

from annotation.consensus.rules import Rules, findings
from annotation.consensus.votes import CANT_TELL, A, B, Votes
from annotation.consensus.workers import WorkerReport, wilson, worker_reports
from tests.annotation.consensus.simulated import simulated

FINE = WorkerReport(
    worker=1, n_votes=100, n_cant_tell=0, agreement=0.85, n_compared=90, left_share=0.5,
    left_low=0.4, left_high=0.6, median_ms=1700, gold_right=9, gold_total=10,
)  # fmt: skip


def test_report_equals_hand_computed_figures() -> None:
    """Tasks 1 and 2; workers 5, 6 and 7. Worker 7 disagrees once and can't tell once."""
    votes = Votes(
        task=np.array([1, 1, 1, 2, 2, 2]),
        sketch=np.array([1] * 6),
        candidate_a=np.array([10] * 3 + [11] * 3),
        candidate_b=np.array([12] * 6),
        worker=np.array([5, 6, 7, 5, 6, 7]),
        choice=np.array([A, A, B, B, B, CANT_TELL], dtype=np.int8),
        left_is_a=np.array([True, False, True, True, True, False]),
        response_ms=np.array([1000, 0, 300, 2000, 900, 500]),
    )
    five, six, seven = worker_reports(votes, {5: (1, 1), 7: (0, 1)})
    assert (five.worker, six.worker, seven.worker) == (5, 6, 7)
    assert (five.n_votes, five.n_cant_tell, seven.n_cant_tell) == (2, 0, 1)
    # On task 1, the other votes are split for worker 5; on task 2, worker 6 faces a "can't tell".
    assert (five.agreement, five.n_compared) == (1.0, 1)
    assert (seven.agreement, seven.n_compared) == (0.0, 1)
    assert five.left_share == 0.5
    assert six.left_share == 0.0
    assert (five.median_ms, six.median_ms, seven.median_ms) == (1500, 900, 400)
    assert (five.gold_right, five.gold_total, seven.gold_right, seven.gold_total) == (1, 1, 0, 1)


def test_agreement_with_settled_answers_separates_careful_workers_from_random_ones() -> None:
    votes, _ = simulated(3, n_sketches=20, n_workers=12, random_share=0.25)
    reports = worker_reports(votes, {})
    shares = sorted(report.n_settled_right / report.n_settled for report in reports)
    assert shares[2] < 0.62 < shares[3]  # three of twelve click at random
    for report in reports:
        low, high = wilson(report.n_settled_right, report.n_settled)
        assert 0 <= low < high <= 1


def test_an_experts_answer_is_compared_instead_of_the_other_votes() -> None:
    """Task 1 has votes A, A, B; an expert says B. Task 2 is a tie, by its expert."""
    votes = Votes(
        task=np.array([1, 1, 1, 2, 2]),
        sketch=np.array([1] * 5),
        candidate_a=np.array([10] * 5),
        candidate_b=np.array([12] * 5),
        worker=np.array([5, 6, 7, 5, 6]),
        choice=np.array([A, A, B, B, B], dtype=np.int8),
        left_is_a=np.array([True] * 5),
        response_ms=np.array([1000] * 5),
    )
    plain = {one.worker: (one.n_settled_right, one.n_settled) for one in worker_reports(votes, {})}
    assert plain == {5: (1, 1), 6: (1, 1), 7: (0, 1)}  # on task 1 the others are split for 5 and 6
    expert = worker_reports(votes, {}, {1: "b", 2: "tie"})
    assert {one.worker: (one.n_settled_right, one.n_settled) for one in expert} == {
        5: (0, 1), 6: (0, 1), 7: (1, 1),
    }  # fmt: skip
    assert [one.agreement for one in expert] == [1.0, 1.0, 0.0]  # with the others, as before


def test_a_worker_without_a_decisive_vote_has_no_share() -> None:
    one = np.ones(1, dtype=np.int64)
    votes = Votes(one, one, one, 2 * one, one, np.array([CANT_TELL], dtype=np.int8), one.astype(bool), one)
    (report,) = worker_reports(votes, {})
    assert (report.n_settled, report.left_share, report.agreement) == (0, None, None)
    assert findings(report, Rules()) == []


@pytest.mark.parametrize(
    ("change", "rule", "level"),
    [
        ({"gold_right": 6}, "gold", "warn"),
        ({"gold_right": 4}, "gold", "block"),
        ({"agreement": 0.55}, "agreement", "warn"),
        ({"agreement": 0.45}, "agreement", "block"),
        ({"median_ms": 400}, "speed", "warn"),
        ({"median_ms": 200}, "speed", "block"),
        ({"left_low": 0.7, "left_high": 0.8}, "left", "warn"),
        ({"left_low": 0.1, "left_high": 0.3}, "left", "warn"),
        ({"left_low": 0.9, "left_high": 1.0}, "left", "block"),
    ],
)
def test_each_rule_warns_and_blocks(change: dict[str, float], rule: str, level: str) -> None:
    assert findings(FINE, Rules()) == []
    (finding,) = findings(replace(FINE, **change), Rules())  # type: ignore[arg-type]
    assert (finding.rule, finding.level) == (rule, level)


NEW = replace(FINE, n_votes=3, n_compared=0, gold_right=0, gold_total=0, left_low=0.0, left_high=1.0)


@pytest.mark.parametrize(
    "change",
    [
        {"agreement": 0.0, "n_compared": 2},
        {"gold_total": 2},
        {"median_ms": 1},
        {"left_low": wilson(4, 4)[0], "left_high": wilson(4, 4)[1]},
    ],
)
def test_rules_wait_for_some_evidence(change: dict[str, float]) -> None:
    assert findings(replace(NEW, **change), Rules()) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("agreement", {"agreement": 0.0, "n_compared": 7}),
        ("gold", {"gold_total": 7, "agreement": None}),
        ("speed", {"median_ms": 200, "n_votes": 10}),
        ("left", {"left_low": wilson(22, 22)[0], "left_high": wilson(22, 22)[1]}),
    ],
)
def test_rules_act_within_the_first_answers(rule: str, change: dict[str, float]) -> None:
    (finding,) = findings(replace(NEW, **change), Rules())  # type: ignore[arg-type]
    assert (finding.rule, finding.level) == (rule, "block")


def test_wilsons_interval() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
