"""Who watches the runs that a call starts.

A system composes several loops behind one `train`; whoever starts it may want every row and a way to stop, whichever
loop runs. `watched` gives both to all loops that run inside it, so that no system has to pass them on.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


class Cancelled(Exception):  # noqa: N818  not an error: the run was asked to stop, and can be resumed
    """The run stopped at its owner's wish, after saving a checkpoint."""


@dataclass(frozen=True)
class Watch:
    """`on_row` sees every row of metrics.jsonl once it is written; `cancelled` is asked after every step."""

    on_row: Callable[[Mapping[str, Any]], None] | None = None
    cancelled: Callable[[], bool] | None = None


NOBODY = Watch()
_current: ContextVar[Watch] = ContextVar("watch", default=NOBODY)


@contextmanager
def watched(
    *,
    on_row: Callable[[Mapping[str, Any]], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Watch every loop that runs in this context and was given no hooks of its own."""
    token = _current.set(Watch(on_row, cancelled))
    try:
        yield
    finally:
        _current.reset(token)


def current_watch() -> Watch:
    """The watch that a loop runs under; nobody's by default."""
    return _current.get()


@contextmanager
def stops_on_sigterm() -> Iterator[None]:
    """SIGTERM asks the loop that runs in this context to save a checkpoint and stop; a second one ends the process."""
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
