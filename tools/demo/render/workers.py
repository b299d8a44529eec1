"""Worker processes that do one task after another; one that hangs or dies loses only its task."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Generic, TypeVar

T = TypeVar("T")

_TASKS_PER_WORKER = 60
"""A worker is replaced after this many tasks, because software OpenGL leaks memory."""


@dataclass(slots=True)
class _Job(Generic[T]):
    task: T
    deadline: float


@dataclass(slots=True)
class _Worker(Generic[T]):
    process: SpawnProcess
    pipe: "Connection[T | None, str]"
    job: _Job[T] | None = None
    finished: int = 0


def run_all(
    work: Callable[[T], object], tasks: list[T], *, jobs: int, timeout_s: float
) -> Iterator[tuple[T, str]]:
    """Do `work` on every task in `jobs` processes; yield each with its error, empty on success.

    `work` and the tasks must be picklable. A task over `timeout_s` seconds is ended with its process.
    """
    waiting = tasks[::-1]
    workers = [_start(work) for _ in range(min(jobs, len(tasks)))]
    try:
        while waiting or any(worker.job for worker in workers):
            workers = [_supplied(worker, waiting, work, timeout_s) for worker in workers]
            wait([worker.pipe for worker in workers if worker.job], timeout=0.5)
            for i, worker in enumerate(workers):
                outcome = _outcome(worker, timeout_s)
                if worker.job and outcome is not None:
                    error, alive = outcome
                    yield worker.job.task, error
                    worker.job = None
                    worker.finished += 1
                    if not alive:
                        worker.process.kill()
                        workers[i] = _start(work)
    finally:
        for worker in workers:
            _stop(worker)


def _supplied(
    worker: _Worker[T], waiting: list[T], work: Callable[[T], object], timeout_s: float
) -> _Worker[T]:
    """Return the worker, or its successor, with the next task if it was idle."""
    if worker.job or not waiting:
        return worker
    if worker.finished >= _TASKS_PER_WORKER:
        _stop(worker)
        worker = _start(work)
    worker.job = _Job(waiting.pop(), time.monotonic() + timeout_s)
    worker.pipe.send(worker.job.task)
    return worker


def _outcome(worker: _Worker[T], timeout_s: float) -> tuple[str, bool] | None:
    """Return the error and whether the process can continue; None while it works."""
    if worker.job is None:
        return None
    if worker.pipe.poll():
        try:
            return worker.pipe.recv(), True
        except EOFError:
            return "the process died", False
    if time.monotonic() > worker.job.deadline:
        return f"not done after {timeout_s:g} s", False
    return None


def _start(work: Callable[[T], object]) -> _Worker[T]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _stop(worker: _Worker[T]) -> None:
    if worker.job is None and worker.process.is_alive():
        worker.pipe.send(None)
        worker.process.join(timeout=10)
    worker.process.kill()


def _serve(work: Callable[[T], object], pipe: "Connection[str, T | None]") -> None:
    # One rendering thread per worker, so that the number of jobs is the number of cores used.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    os.nice(5)
    while (task := pipe.recv()) is not None:
        try:
            work(task)
            pipe.send("")
        except Exception as error:  # report whatever a broken model raises
            pipe.send(f"{type(error).__name__}: {error}")
