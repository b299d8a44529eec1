"""Save a training run's output as rows: metrics, log lines and progress, in one transaction per poll."""

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

LOG_LINES_MAX = 20_000  # per run; further lines stay in the file only
_PACE_STEPS = 20  # over which the speed is measured
_BATCH = 1000
_TAIL_LINES = 200  # of the last attempt, which may show why it failed
_ANSWER = '{"'  # the answer of the command, whose content is in the row
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_Level = RunLogLine.Level


class Records:
    """Writes the rows of one attempt. Rewriting those of earlier attempts is harmless, since each is unique."""

    def __init__(self, run: TrainingRun, lease: RunLease, folder: Path, *, trains: bool = True) -> None:
        """trains: whether the process writes metrics; those of the training before it are not read again."""
        self._run = run
        self._trains = trains
        self._lease = lease
        self._metrics = MetricsTail(folder)
        self._log = LineTail(folder / LOG)
        self._pace: deque[tuple[str, int, datetime]] = deque(maxlen=_PACE_STEPS)
        self._machine: list[RunMetric] = []
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)

    def machine(self, values: dict[str, float]) -> None:
        """Add a sample of the machine's load, to be saved by the next `write`."""
        now = timezone.now()
        second = int((now - (self._run.started_at or now)).total_seconds())
        if values:
            self._machine.append(
                RunMetric(run=self._run, stage=MACHINE, step=max(0, second), at=now, values=values)
            )

    def write(self, **values: Any) -> bool:
        """Save new rows and `values`, and renew the lease. Return whether anything was new.

        Raises LeaseLostError, and any database error; everything is then saved by the next call.
        """
        rows = self._metrics.peek() if self._trains else []
        lines, first = self._log.peek(), self._log.number
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
                self.tail.clear()
            self.tail.append(line)
        return True

    def _write_rows(self, rows: Sequence[Row]) -> None:
        """Save metrics. A resumed training writes some steps again; the latest values in the file count."""
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
        """Return the run's columns after `rows`."""
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
        """Return the recent seconds per step."""
        first, last = self._pace[0], self._pace[-1]
        n_steps = last[1] - first[1]
        return (last[2] - first[2]).total_seconds() / n_steps if n_steps > 0 else None

    def _log_rows(self, lines: Sequence[str], first: int) -> list[RunLogLine]:
        now = timezone.now()
        rows = []
        for number, line in enumerate(lines, start=first):
            # Of a line that was redrawn, only the last state is kept.
            text = _CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]).rstrip()[:LOG_LINE_MAX]
            if text and not text.startswith(_ANSWER) and number < LOG_LINES_MAX:
                rows.append(RunLogLine(run=self._run, number=number, at=now, level=level_of(text), text=text))
        return rows


def level_of(text: str) -> str:
    """Return the apparent level of a log line."""
    if re.search(r"\bwarn(ing)?\b", text, re.I):
        return _Level.WARNING
    if text.startswith("Traceback") or re.search(r"\b(\w*Error|error|fatal|Killed)\b", text):
        return _Level.ERROR
    return _Level.INFO
