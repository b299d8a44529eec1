"""Worker processes that render one product after another; one that hangs or dies costs its product alone."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from .work import Task, render

_TASKS_A_WORKER = 60
"""A worker retires after so many products: software OpenGL keeps some memory of each."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: "Connection[Task | None, str]"
    task: Task | None = None
    deadline: float = 0.0
    finished: int = 0


def render_all(tasks: list[Task], jobs: int, timeout_s: float) -> Iterator[tuple[Task, str]]:
    """Renders the tasks with `jobs` processes; yields each with an error text, empty where it went well."""
    waiting = tasks[::-1]
    workers = [_start() for _ in range(min(jobs, len(tasks)))]
    while workers:
        for i, worker in enumerate(workers):
            if worker.task is None and waiting:
                if worker.finished >= _TASKS_A_WORKER:
                    _stop(worker)
                    workers[i] = worker = _start()
                worker.task, worker.deadline = waiting.pop(), time.monotonic() + timeout_s
                worker.pipe.send(worker.task)
        busy = [worker for worker in workers if worker.task is not None]
        if not busy:
            break
        ready = wait([worker.pipe for worker in busy], timeout=0.5)
        for worker in busy:
            assert worker.task is not None
            error: str | None = None
            if worker.pipe in ready:
                try:
                    error = worker.pipe.recv()
                except EOFError:
                    error = "the renderer died"
            elif time.monotonic() > worker.deadline:
                error = f"not done after {timeout_s:.0f} s"
            if error is None:
                continue
            yield worker.task, error
            worker.task, worker.finished = None, worker.finished + 1
            if error.startswith(("the renderer died", "not done")):
                worker.process.kill()
                workers[workers.index(worker)] = _start()
    for worker in workers:
        _stop(worker)


def _start() -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _stop(worker: _Worker) -> None:
    worker.pipe.send(None)
    worker.process.join(timeout=10)
    worker.process.kill()


def _serve(pipe: "Connection[str, Task | None]") -> None:
    # One rendering thread a worker: --jobs then says how many cores are used.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    os.nice(5)
    while (task := pipe.recv()) is not None:
        try:
            render(task)
            pipe.send("")
        except Exception as error:  # noqa: BLE001  whatever a broken model raises is reported, not fatal
            pipe.send(f"{type(error).__name__}: {error}")
