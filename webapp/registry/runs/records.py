"""From what a training wrote to rows: metrics, log lines and the run's own progress, in one transaction a look."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from webapp.registry.models import RunLogLine, RunMetric, TrainingRun
from webapp.registry.models.runs import LOG_LINE_MAX, MACHINE
from webapp.registry.runs.claims import RunLease
from webapp.registry.runs.process.child import LOG, is_attempt_note
from webapp.registry.runs.process.tail import LineTail, MetricsTail, Row

LOG_LINES_MAX = 20_000  # a run; what a training says beyond stays in its file
_PACE = 20  # steps that the pace is measured over
_BATCH = 1000
_ENDING = 200  # last lines of the last attempt that may tell why it failed
_ANSWER = '{"'  # the answer of the command, which the row tells
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_Level = RunLogLine.Level


class Records:
    """Writes the rows of one attempt, the earlier attempts' among them: every row is unique, so that does no harm."""

    def __init__(self, run: TrainingRun, lease: RunLease, folder: Path) -> None:
        self._run = run
        self._lease = lease
        self._metrics = MetricsTail(folder)
        self._log = LineTail(folder / LOG)
        self._pace: deque[tuple[str, int, datetime]] = deque(maxlen=_PACE)
        self._machine: list[RunMetric] = []
        self.ending: deque[str] = deque(maxlen=_ENDING)

    def machine(self, values: dict[str, float]) -> None:
        """A look at the machine, to be written with the next `write`."""
        now = timezone.now()
        second = int((now - (self._run.started_at or now)).total_seconds())
        if values:
            self._machine.append(
                RunMetric(run=self._run, stage=MACHINE, step=max(0, second), at=now, values=values)
            )

    def write(self, **values: Any) -> bool:
        """Writes what is new and `values`, and keeps the lease; whether anything was new.

        Raises LeaseLostError, and whatever the database fails with: then all of it is written the next time.
        """
        rows, lines, first = self._metrics.peek(), self._log.peek(), self._log.number
        if not (rows or lines or self._machine or values):
            return False
        with transaction.atomic():
            self._lease.keep(**values, **self._progress(rows))
            self._write_rows(rows)
            RunLogLine.objects.bulk_create(self._log_rows(lines, first), _BATCH, ignore_conflicts=True)
        self._metrics.accept()
        self._log.accept()
        self._machine.clear()
        for line in lines:
            if is_attempt_note(line):
                self.ending.clear()
            self.ending.append(line)
        return True

    def _write_rows(self, rows: Sequence[Row]) -> None:
        """A resumed training writes some steps again: the file's newest word holds."""
        newest = {
            (row.stage, row.step): RunMetric(
                run=self._run,
                stage=row.stage,
                step=row.step,
                at=row.at,
                values=row.values,
                validated=row.validated,
            )
            for row in rows
        } | {(row.stage, row.step): row for row in self._machine}
        RunMetric.objects.bulk_create(
            newest.values(),
            _BATCH,
            update_conflicts=True,
            unique_fields=["run", "stage", "step"],
            update_fields=["at", "values", "validated"],
        )

    def _progress(self, rows: Sequence[Row]) -> dict[str, Any]:
        """The run's columns after `rows`."""
        if not rows:
            return {}
        run, last = self._run, rows[-1]
        latest, best = dict(run.latest), dict(run.best)
        for row in rows:
            latest |= row.values
            if row.values.get("val/score", float("-inf")) > best.get("val/score", float("-inf")):
                validation = {name: value for name, value in row.values.items() if name.startswith("val/")}
                best = {**validation, "step": row.step, "stage": row.stage}
            if self._pace and self._pace[-1][0] != row.stage:
                self._pace.clear()
            self._pace.append((row.stage, row.step, row.at))
        run.latest, run.best = latest, best
        return {
            "stage": last.stage,
            "step": last.step + 1,
            "n_steps": self._metrics.n_steps(last.stage),
            "step_s": self._step_s(),
            "latest": latest,
            "best": best,
        }

    def _step_s(self) -> float | None:
        """Seconds a step took lately."""
        first, last = self._pace[0], self._pace[-1]
        n_steps = last[1] - first[1]
        return (last[2] - first[2]).total_seconds() / n_steps if n_steps > 0 else None

    def _log_rows(self, lines: Sequence[str], first: int) -> list[RunLogLine]:
        now = timezone.now()
        rows = []
        for number, line in enumerate(lines, start=first):
            # Of a line that was drawn again and again only its last state is told.
            text = _CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]).rstrip()[:LOG_LINE_MAX]
            if text and not text.startswith(_ANSWER) and number < LOG_LINES_MAX:
                rows.append(RunLogLine(run=self._run, number=number, at=now, level=level_of(text), text=text))
        return rows


def level_of(text: str) -> str:
    """How bad a line of the log sounds."""
    if re.search(r"\bwarn(ing)?\b", text, re.I):
        return _Level.WARNING
    if text.startswith("Traceback") or re.search(r"\b(\w*Error|error|fatal|Killed)\b", text):
        return _Level.ERROR
    return _Level.INFO
