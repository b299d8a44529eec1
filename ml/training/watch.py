"""Who watches the runs that a call starts.

A system composes several loops behind one `train`; a worker that starts it wants every row and a way to stop, whichever
loop runs. `watched` gives both to all loops that run inside it, so that no system has to pass them on.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


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
