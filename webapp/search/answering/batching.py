"""Batch items that wait at the same time: one of the waiting threads processes them for all.

One run of the encoder over several sketches costs less than several runs, and the surrounding work finds its code and
data in the processor's caches. An item that arrives when nothing else waits is processed at once, alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class _Waiting(Generic[ItemT, ResultT]):
    """A waiting item, until its thread is woken, either to lead or because there is a result."""

    def __init__(self, item: ItemT) -> None:
        self.item = item
        self.leads = False
        self.woken = threading.Event()
        self.outcome: ResultT | Exception | None = None


class Batcher(Generic[ItemT, ResultT]):
    """Calls `process_batch` with up to `max_batch` of the waiting items, in at most `n_leaders` threads at once.

    process_batch: returns a result or an error for each item. fits: whether an item may be in a batch with the first.
    """

    def __init__(
        self,
        process_batch: Callable[[Sequence[ItemT]], Sequence[ResultT | Exception]],
        fits: Callable[[ItemT, ItemT], bool],
        *,
        n_leaders: int,
        max_batch: int,
    ) -> None:
        self._process_batch, self._fits, self._max_batch = process_batch, fits, max_batch
        self._free = n_leaders
        self._queue: deque[_Waiting[ItemT, ResultT]] = deque()
        self._lock = threading.Lock()

    def submit(self, item: ItemT, timeout_s: float) -> ResultT:
        """Return the result. Raises TimeoutError if no thread is free in time, and the error of the item, if any."""
        mine: _Waiting[ItemT, ResultT] = _Waiting(item)
        with self._lock:
            if self._free > 0:  # then nothing else waits
                self._free -= 1
                mine.leads = True
            else:
                self._queue.append(mine)
        if not mine.leads and not mine.woken.wait(timeout_s):
            with self._lock:
                if mine in self._queue:
                    self._queue.remove(mine)
                    raise TimeoutError
            mine.woken.wait()  # its turn came just now
        if mine.leads:
            self._lead(mine)
        if isinstance(mine.outcome, Exception):
            raise mine.outcome
        assert mine.outcome is not None
        return mine.outcome

    def _lead(self, mine: _Waiting[ItemT, ResultT]) -> None:
        """Process the thread's item and those at the head of the queue that fit, then pass the lead on."""
        batch = [mine]
        with self._lock:
            while self._queue and len(batch) < self._max_batch and self._fits(mine.item, self._queue[0].item):
                batch.append(self._queue.popleft())
        try:
            outcomes = self._process_batch([waiting.item for waiting in batch])
        except Exception as error:
            outcomes = [error] * len(batch)
        with self._lock:
            if (
                self._queue
            ):  # the next leader leaves the queue now, so that nobody else passes it the lead too
                following = self._queue.popleft()
                following.leads = True
                following.woken.set()
            else:
                self._free += 1
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.outcome = outcome
            waiting.woken.set()
