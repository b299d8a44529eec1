"""Show what is running and for how long: a status line on a terminal, elsewhere a line every ten seconds."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from .failure import plain

_QUIET_S = 10.0


class Step:
    """A running step; `say` updates its detail."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self.failed = False
        self.started = time.monotonic()

    def say(self, line: str) -> None:
        self.detail = plain(line) or self.detail

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started

    def __str__(self) -> str:
        return f"{self.elapsed_s:4.0f} s  {self.title}{': ' + self.detail if self.detail else ''}"


class Console:
    """Prints finished steps, and a status line with the running ones. Steps may run in threads."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._terminal = self._out.isatty()
        self._steps: list[Step] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Console:
        self._ticker.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closed.set()
        self._ticker.join()

    def line(self, text: str) -> None:
        """Print `text` on its own line, above the status line."""
        with self._lock:
            self._erase()
            print(text, file=self._out, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        step = Step(title)
        with self._lock:
            self._steps.append(step)
        word = "ended"
        try:
            yield step
            word = "failed" if step.failed else "ok"
        except Exception:
            word = "failed"
            raise
        finally:
            with self._lock:
                self._steps.remove(step)
            if not self._closed.is_set():
                self.line(f"  {word:6} {step.elapsed_s:6.1f} s  {title}")

    def _tick(self) -> None:
        while not self._closed.wait(0.2 if self._terminal else _QUIET_S):
            with self._lock:
                if not self._terminal:
                    for step in self._steps:
                        if step.elapsed_s > _QUIET_S / 2:
                            print(f"  ... {step}"[:160], file=self._out, flush=True)
                elif self._steps:
                    self._erase()
                    width = shutil.get_terminal_size().columns - 1
                    share = max(20, (width - 2) // len(self._steps) - 3)
                    texts = " | ".join(str(step)[:share] for step in self._steps)
                    print(f"  {texts}"[:width], end="", file=self._out, flush=True)
        with self._lock:
            self._erase()

    def _erase(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=self._out, flush=True)
