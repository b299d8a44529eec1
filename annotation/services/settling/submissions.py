"""Reading a panel's own list of submissions: who returned the study, and which code each participant entered."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from annotation.models import Campaign, Enrolment, Submission
from annotation.services.audit import audit
from webapp.accounts.models import User

# By panel: the columns of participant, status and code in the file that it offers for download.
COLUMNS = {
    "PROLIFIC": ("participant id", "status", ("completion code", "entered code")),
    "MTURK": ("workerid", "assignmentstatus", ("answer.surveycode", "answer.code")),
}
MAX_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Matched:
    """How many rows of the file name a participant of the campaign, and the first IDs that do not."""

    panel: str
    n_rows: int
    n_matched: int
    unknown: list[str]


@transaction.atomic
def submissions_read(*, campaign: Campaign, text: str, by: User | None, now: datetime) -> Matched:
    """Store the status and code of each participant in a panel's CSV file; rows of others are counted and left alone.

    Raises ValidationError if the file has no columns of a known panel.
    """
    rows = _rows(text)
    panel, (who, status, codes) = _layout(rows)
    known = {
        one.worker.panel_id: one
        for one in Enrolment.objects.filter(campaign=campaign, worker__panel=panel).select_related("worker")
    }
    found: dict[int, Submission] = {}
    unknown: list[str] = []
    for row in rows:
        participant = row.get(who, "")
        if enrolment := known.get(participant):
            code = next((row[name] for name in codes if row.get(name)), "")
            submission = Submission(
                enrolment=enrolment, status=row.get(status, "").upper()[:40], code=code[:120], at=now
            )
            if enrolment.pk not in found or not submission.is_returned:  # returned once, then taken again
                found[enrolment.pk] = submission
        elif participant:
            unknown.append(participant)
    Submission.objects.bulk_create(
        found.values(),
        update_conflicts=True,
        unique_fields=["enrolment"],
        update_fields=["status", "code", "at"],
    )
    audit("pay.submissions", by=by, campaign=campaign, panel=panel, rows=len(rows), matched=len(found))
    return Matched(panel, len(rows), len(found), unknown[:20])


def _rows(text: str) -> list[dict[str, str]]:
    """Return the rows by column, names in lower case."""
    text = text.lstrip("\ufeff")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # spreadsheets save with the one of their language
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[dict[str, str]] = []
    try:
        for row in reader:
            if len(rows) == MAX_ROWS:
                raise ValidationError({"csv": f"more than {MAX_ROWS} rows"})
            rows.append(_texts(row))
    except csv.Error as error:
        raise ValidationError({"csv": f"line {reader.line_num}: {error}"}) from error
    if not rows:
        raise ValidationError({"csv": "has no rows below its header"})
    return rows


def _texts(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return the named values; a row with more values than names has the others under None."""
    return {name.strip().lower(): (value or "").strip() for name, value in row.items() if name is not None}


def _layout(rows: list[dict[str, str]]) -> tuple[str, tuple[str, str, tuple[str, ...]]]:
    for panel, layout in COLUMNS.items():
        if {layout[0], layout[1]} <= rows[0].keys():
            return panel, layout
    raise ValidationError(
        {
            "csv": "lacks the columns “Participant id” and “Status” of Prolific, or “WorkerId” and "
            "“AssignmentStatus” of MTurk"
        }
    )
