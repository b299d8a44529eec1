"""Questions that wait at the same time are answered together, by one of the threads that brought them.

One run of the encoder over several sketches costs less than several runs, and what surrounds it finds its code and
data in the processor's caches. A question that waits for nobody is answered at once, alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

QuestionT = TypeVar("QuestionT")
AnswerT = TypeVar("AnswerT")


class _Waiting(Generic[QuestionT, AnswerT]):
    """A question until its thread is woken, either to lead or because it was answered."""

    def __init__(self, question: QuestionT) -> None:
        self.question = question
        self.leads = False
        self.woken = threading.Event()
        self.outcome: AnswerT | Exception | None = None


class Together(Generic[QuestionT, AnswerT]):
    """Calls `answer_all`, in `n_leaders` threads at most at once, with up to `most` of the questions that wait.

    answer_all: gives an answer or an error for each. fits: whether a question may be answered with the first.
    """

    def __init__(
        self,
        answer_all: Callable[[Sequence[QuestionT]], Sequence[AnswerT | Exception]],
        fits: Callable[[QuestionT, QuestionT], bool],
        *,
        n_leaders: int,
        most: int,
    ) -> None:
        self._answer_all, self._fits, self._most = answer_all, fits, most
        self._free = n_leaders
        self._queue: deque[_Waiting[QuestionT, AnswerT]] = deque()
        self._lock = threading.Lock()

    def ask(self, question: QuestionT, timeout_s: float) -> AnswerT:
        """The answer. Raises TimeoutError where no thread is free in time, and what `answer_all` gives as an error."""
        mine: _Waiting[QuestionT, AnswerT] = _Waiting(question)
        with self._lock:
            if self._free > 0:  # then nobody else waits
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

    def _lead(self, mine: _Waiting[QuestionT, AnswerT]) -> None:
        """Answers the calling thread's question and those at the head of the queue that fit, then hands the lead on."""
        taken = [mine]
        with self._lock:
            while (
                self._queue and len(taken) < self._most and self._fits(mine.question, self._queue[0].question)
            ):
                taken.append(self._queue.popleft())
        try:
            outcomes = self._answer_all([waiting.question for waiting in taken])
        except Exception as error:
            outcomes = [error] * len(taken)
        with self._lock:
            if (
                self._queue
            ):  # the next leader leaves the queue at once, so that nobody else hands it the lead, too
                following = self._queue.popleft()
                following.leads = True
                following.woken.set()
            else:
                self._free += 1
        for waiting, outcome in zip(taken, outcomes, strict=True):
            waiting.outcome = outcome
            waiting.woken.set()
