"""Why a training ended, as one line for its row, from its exit status and the end of its log."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_OUT_OF_MEMORY = (
    "MemoryError",
    "OutOfMemoryError",
    "CUDA out of memory",
    "can't allocate memory",
    "Cannot allocate memory",
    "std::bad_alloc",
)
_DISK_FULL = ("No space left on device", "Disk quota exceeded", "os error 28")
_KILLED = re.compile(
    r"exitcode\s*:\s*-9|Signal 9 \(SIGKILL\)"
)  # a process among several, as torchrun reports it
_TRACEBACK_END = re.compile(r"^(?:\[rank\d+\]:\s*)?([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\b.*)")
_AS_ROOT_CAUSE = ("ChildFailedError",)  # torchrun's own, which does not give the cause
_MAX = 2000


def reason_of(status: int, lines: Sequence[str], *, peak_bytes: int = 0) -> str:
    """Return why a process with exit status `status` (negative: a signal) failed; `lines` are the end of its log."""
    error = _last_error(lines)
    text = "\n".join(lines)
    if any(word in text for word in _DISK_FULL):
        return f"the disk is full: {error or 'no space left on device'}"[:_MAX]
    if any(word in text for word in _OUT_OF_MEMORY):
        return f"out of memory: {_first_with(lines, _OUT_OF_MEMORY)}"[:_MAX]
    if status == -9 or _KILLED.search(text):
        peak = f"; it used {peak_bytes / 2**30:.1f} GiB" if peak_bytes else ""
        return f"out of memory: the system killed the training (SIGKILL){peak}"
    if error:
        return error[:_MAX]
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
    ended = f"signal {-status}" if status < 0 else f"status {status}"
    return f"ended with {ended}: {last}"[:_MAX]


def _last_error(lines: Sequence[str]) -> str:
    """Return what `ml` reported about bad input, as `field: message`; else the last traceback's last line."""
    for line in reversed(lines):
        if line.startswith('{"error"'):
            try:
                error = json.loads(line)["error"]
                return f"{error['field']}: {error['message']}"
            except (ValueError, KeyError, TypeError):
                continue
    for line in reversed(lines):
        found = _TRACEBACK_END.match(line)
        if found and not any(word in line for word in _AS_ROOT_CAUSE):
            return found[1].strip()
    return ""


def _first_with(lines: Sequence[str], words: Sequence[str]) -> str:
    return next(line.strip() for line in lines if any(word in line for word in words))
