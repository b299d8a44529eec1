"""Lists of decisions as panels take them. They depend on the decisions alone: each export gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about one participant, and how the panel names them: participant, study and submission."""

    panel: str
    participant: str
    study: str
    session: str
    worker: str
    ending: str
    code: str
    verdict: str
    pay: Decimal
    bonus: Decimal
    by_bonus: Decimal
    reason: str
    by: str
    at: datetime


def _prolific_approve(rows: Sequence[Decided]) -> str:
    return _lines([row.participant] for row in rows if row.verdict == "approve")


def _prolific_reject(rows: Sequence[Decided]) -> str:
    rejected = ([row.participant, row.reason] for row in rows if row.verdict == "reject")
    return _lines([["participant_id", "reason"], *rejected])


def _prolific_bonus(rows: Sequence[Decided]) -> str:
    return _lines([row.participant, row.by_bonus] for row in rows if row.by_bonus)


def _mturk_results(rows: Sequence[Decided]) -> str:
    """MTurk pays a submitted assignment by its approval alone, so that nobody here is paid by bonus only."""
    head = ["HITId", "AssignmentId", "WorkerId", "Approve", "Reject"]
    found = []
    for row in rows:
        approve, reject = (
            "x" if row.verdict == "approve" else "",
            row.reason if row.verdict == "reject" else "",
        )
        if approve or reject:
            found.append([row.study, row.session, row.participant, approve, reject])
    return _lines([head, *found])


def _mturk_bonus(rows: Sequence[Decided]) -> str:
    head = ["WorkerId", "AssignmentId", "BonusAmount", "Reason"]
    found = ([row.participant, row.session, row.by_bonus, row.reason] for row in rows if row.by_bonus)
    return _lines([head, *found])


def decisions_csv(rows: Sequence[Decided]) -> str:
    """Return every decision with its amounts, for the study's own records."""
    head = [
        "panel",
        "participant_id",
        "study_id",
        "session_id",
        "worker",
        "ending",
        "code",
        "decision",
        "pay",
    ]
    head += ["bonus", "total", "reason", "decided_by", "decided_at"]
    found = (
        [
            *(
                row.panel,
                row.participant,
                row.study,
                row.session,
                row.worker,
                row.ending,
                row.code,
                row.verdict,
            ),
            *(row.pay, row.bonus, row.pay + row.bonus, row.reason, row.by, row.at.isoformat()),
        ]
        for row in rows
    )
    return _lines([head, *found])


LISTS: dict[str, dict[str, Callable[[Sequence[Decided]], str]]] = {
    "PROLIFIC": {"approve": _prolific_approve, "reject": _prolific_reject, "bonus": _prolific_bonus},
    "MTURK": {"results": _mturk_results, "bonus": _mturk_bonus},
}
"""By panel, its lists. Prolific takes the participants to approve, one per line, and bonuses as `participant,amount`
without a header; MTurk a file of results with the columns Approve and Reject, and the parameters of its SendBonus."""


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """Return the value as text that no spreadsheet takes for a formula."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )
