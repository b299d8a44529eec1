"""The load of a training on its machine: processor, memory and GPU of a process and its descendants."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from webapp.registry.runs.process.devices import Device, gpu_query

_TICKS_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


class Meter:
    """Measures the process `pid` and its descendants; on a system without /proc, nothing."""

    def __init__(self, pid: int, devices: list[Device] | None = None) -> None:
        self._pid = pid
        self._gpus = [device.gpu for device in devices or [] if device.gpu]
        self._before: tuple[float, float] | None = None  # when, processor seconds used by then
        self.peak_bytes = 0

    def sample(self) -> dict[str, float]:
        """Return cpu_percent (100 is one core) since the last sample, memory_bytes, the GPUs' mean load and memory."""
        values: dict[str, float] = {}
        used = _usage(self._pid)
        if used is not None:
            cpu_s, memory = used
            now = time.monotonic()
            if self._before is not None and now > self._before[0]:
                spent = max(0.0, cpu_s - self._before[1])
                values["cpu_percent"] = round(100 * spent / (now - self._before[0]), 1)
            self._before = (now, cpu_s)
            self.peak_bytes = max(self.peak_bytes, memory)
            values["memory_bytes"] = memory
        loads = gpu_query("utilization.gpu", "memory.used", gpus=self._gpus) if self._gpus else []
        if percents := _numbers(load for load, _ in loads):
            values["gpu_percent"] = sum(percents) / len(percents)
        if used_mib := _numbers(used for _, used in loads):
            values["gpu_memory_bytes"] = sum(used_mib) * 2**20
        return values


def processor_seconds(pid: int) -> float:
    """Return the processor seconds that `pid` and its descendants have used; 0 without /proc."""
    used = _usage(pid)
    return used[0] if used else 0.0


def _numbers(cells: Iterable[str]) -> list[float]:
    """Return those that are numbers: drivers report [N/A] for what a GPU, such as a partitioned one, does not provide."""
    found = []
    for cell in cells:
        with suppress(ValueError):
            found.append(float(cell))
    return found


def _usage(pid: int) -> tuple[float, int] | None:
    """Return processor seconds and resident bytes of a process tree."""
    parents: dict[int, int] = {}
    figures: dict[int, tuple[float, int]] = {}
    for entry in _PROC.glob("[0-9]*/stat"):
        try:
            text = entry.read_text("ascii", "replace")
        except OSError:  # it has ended in the meantime
            continue
        # The command's name in parentheses may itself contain spaces and parentheses.
        fields = text.rpartition(")")[2].split()
        number = int(entry.parent.name)
        parents[number] = int(fields[1])
        figures[number] = ((int(fields[11]) + int(fields[12])) / _TICKS_S, int(fields[21]) * _PAGE_BYTES)
    if pid not in figures:
        return None
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(figures[one][0] for one in family), sum(figures[one][1] for one in family)
