"""Watch the loops that a call runs.

A system may run several loops in one `train`; the caller may want to see every row and to stop any loop. `watched` sets
hooks for all loops that run inside it, so that systems need not pass them on.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


class Cancelled(Exception):  # noqa: N818  not an error: the run was stopped on request and can be resumed
    """The run was stopped on request, after saving a checkpoint."""


@dataclass(frozen=True)
class Watch:
    """Hooks of a loop. on_row: called with each new row of metrics.jsonl. cancelled: called after every step."""

    on_row: Callable[[Mapping[str, Any]], None] | None = None
    cancelled: Callable[[], bool] | None = None


NO_WATCH = Watch()
_current: ContextVar[Watch] = ContextVar("watch", default=NO_WATCH)


@contextmanager
def watched(
    *,
    on_row: Callable[[Mapping[str, Any]], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Watch every loop that runs in this context and has no hooks itself."""
    token = _current.set(Watch(on_row, cancelled))
    try:
        yield
    finally:
        _current.reset(token)


def current_watch() -> Watch:
    """Return the watch that a loop runs under; by default one without hooks."""
    return _current.get()


@contextmanager
def stops_on_sigterm() -> Iterator[None]:
    """On SIGTERM, let the loop in this context save a checkpoint and stop; a second SIGTERM ends the process."""
    requested = threading.Event()

    def ask(number: int, frame: object) -> None:
        requested.set()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    before = signal.signal(signal.SIGTERM, ask)
    try:
        with watched(cancelled=requested.is_set):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
