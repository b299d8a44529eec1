"""Password hashing that leaves the processor to searches: a process hashes one password at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.contrib.auth.hashers import PBKDF2PasswordHasher

_WAITING = 2  # each holds a thread of the server
_PATIENCE_S = 3.0  # a hash takes a few tenths of a second


class HashingBusyError(Exception):
    """Too many passwords are being checked in this process."""


class Turns:
    """One at a time; up to `waiting` others wait for it, `patience_s` seconds at most."""

    def __init__(self, *, waiting: int, patience_s: float) -> None:
        self._most = 1 + waiting
        self._inside = 0
        self._counting = Lock()
        self._turn = Lock()
        self._patience_s = patience_s

    @property
    def full(self) -> bool:
        """Whether whoever comes now is sent away."""
        return self._inside >= self._most

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises HashingBusyError where the queue is full or does not move."""
        with self._counting:
            if self.full:
                raise HashingBusyError
            self._inside += 1
        try:
            if not self._turn.acquire(timeout=self._patience_s):
                raise HashingBusyError
            try:
                yield
            finally:
                self._turn.release()
        finally:
            with self._counting:
                self._inside -= 1


turns = Turns(waiting=_WAITING, patience_s=_PATIENCE_S)


class QueuedPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    """Django's own hasher by turns. Hashing releases the GIL, so that a few logins at once would fill every core.

    Unknown names are hashed, too (as Django does), and wait as known ones do.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with turns.taken():
            return super().encode(password, salt, iterations)
