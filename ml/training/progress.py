"""The progress bar of a run, with elapsed and remaining time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def progress_bar(
    title: str, total: int, done: int = 0, *, shown: bool = True
) -> Iterator[Callable[[], None]]:
    """Show a bar over `total` steps, of which `done` are finished; yields a function that advances it by one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), disable=not shown) as progress:
        task = progress.add_task(title, total=total, completed=done)
        yield lambda: progress.advance(task)
