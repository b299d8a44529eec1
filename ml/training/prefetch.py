"""Batches prepared by threads while the optimiser works, each from its step number only."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from types import TracebackType
from typing import Generic, Self, TypeVar

Batch = TypeVar("Batch")


class Prefetched(Generic[Batch]):
    """`batches(step)` is `make(step)`, prepared in advance for consecutive steps.

    `make` must depend only on the step, so that neither threads nor a resumed run change what a step sees. It runs
    concurrently with the optimiser while it releases the interpreter's lock (as NumPy, OpenCV and torch do). An exception
    in `make` is raised by the call for its step.

    with Prefetched(make, ahead=2) as batches:
        loss = step(batches(0))
    """

    def __init__(self, make: Callable[[int], Batch], *, ahead: int = 2, threads: int = 1) -> None:
        self._make = make
        self._ahead = ahead
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="prefetch")
        self._coming: dict[int, Future[Batch]] = {}
        self.waited_s = 0.0  # time that callers have waited for batches

    def __call__(self, step: int) -> Batch:
        started = perf_counter()
        for stale in [other for other in self._coming if not step <= other <= step + self._ahead]:
            self._coming.pop(stale).cancel()
        for wanted in range(step, step + self._ahead + 1):
            if wanted not in self._coming:
                self._coming[wanted] = self._pool.submit(self._make, wanted)
        batch = self._coming.pop(step).result()
        self.waited_s += perf_counter() - started
        return batch

    def close(self) -> None:
        """Cancel batches that have not been started, and wait for those that have."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
