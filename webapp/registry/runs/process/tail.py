"""Read what a training is still writing: metrics.jsonl of every stage, and the log.

Nothing is lost or duplicated when saving rows fails, a worker dies or a resumed training rewrites its file: lines count
as read only once they are accepted, and a replaced file is read again from its start.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

METRICS, PLAN = "metrics.jsonl", "plan.json"  # written by ml/training/run_files.py
_STAGE_MAX = 40
_BLOCK_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a stage's metrics: finite numbers by name."""

    stage: str
    step: int
    at: datetime
    values: dict[str, float]

    @property
    def validated(self) -> bool:
        return any(name.startswith("val/") for name in self.values)


class LineTail:
    """The complete lines added to a growing file since the last `accept`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0  # of the next line
        self._offset = 0
        self._inode = 0
        self._seen = (0, 0, 0)  # inode, offset and number that `accept` will set

    def peek(self) -> list[str]:
        """Return lines not yet accepted, without their ends; an incomplete last line is left for later.

        NUL is removed, because PostgreSQL cannot store it.
        """
        try:
            with self.path.open("rb") as file:
                status = self.path.stat()
                if status.st_ino != self._inode or status.st_size < self._offset:
                    self._inode, self._offset, self.number = status.st_ino, 0, 0
                file.seek(self._offset)
                block = file.read(_BLOCK_BYTES)
        except FileNotFoundError:
            return []
        whole = block[: block.rfind(b"\n") + 1]
        if not whole and len(block) == _BLOCK_BYTES:
            whole = block  # a line longer than a block is cut
        lines = (
            whole.decode("utf-8", "replace")
            .replace("\0", "")
            .split("\n")[: whole.count(b"\n") or bool(whole)]
        )
        self._seen = (self._inode, self._offset + len(whole), self.number + len(lines))
        return lines

    def accept(self) -> None:
        """Mark what the last `peek` returned as saved."""
        self._inode, self._offset, self.number = self._seen


class MetricsTail:
    """New rows of all stages below a run's folder, and the number of steps of a stage."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tails: dict[Path, LineTail] = {}
        self._plans: dict[str, Path] = {}

    def peek(self) -> list[Row]:
        rows: list[Row] = []
        for path in sorted(self._folder.rglob(METRICS)):
            stage = _stage_of(path.parent.relative_to(self._folder))
            self._plans[stage] = path.with_name(PLAN)
            tail = self._tails.setdefault(path, LineTail(path))
            rows += _rows_of(stage, tail.peek())
        return sorted(rows, key=lambda row: row.at)

    def accept(self) -> None:
        for tail in self._tails.values():
            tail.accept()

    def n_steps(self, stage: str) -> int | None:
        """Return the planned number of steps of a stage; None if unknown."""
        try:
            steps = json.loads(self._plans[stage].read_text())["steps"]
        except (OSError, KeyError, TypeError, ValueError):
            return None
        return steps if isinstance(steps, int) else None


def _stage_of(folder: Path) -> str:
    return (folder.as_posix() if folder.parts else "train")[-_STAGE_MAX:]


def _rows_of(stage: str, lines: list[str]) -> Iterator[Row]:
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:  # cut off by a kill; the resumed training writes it again
            continue
        if isinstance(found, dict) and isinstance(step := found.pop("step", None), int) and step >= 0:
            yield Row(stage, step, _time_of(found.pop("time", None)), _numbers(found))


def _time_of(seconds: Any) -> datetime:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else datetime.now(UTC)


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    """Return the finite numbers among a row's values, since JSON has no others."""
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
