"""Password hashing that leaves the processor to searches: each process hashes one password at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.contrib.auth.hashers import PBKDF2PasswordHasher

_WAITING = 2  # each holds a thread of the server
_PATIENCE_S = 3.0  # a hash takes a few tenths of a second


class HashingBusyError(Exception):
    """Too many passwords are being hashed in this process."""


class BoundedLock:
    """A lock for which at most `waiting` threads wait, each for at most `patience_s` seconds."""

    def __init__(self, *, waiting: int, patience_s: float) -> None:
        self._max_users = 1 + waiting
        self._users = 0
        self._counting = Lock()
        self._lock = Lock()
        self._patience_s = patience_s

    @property
    def full(self) -> bool:
        """Whether the next caller would be refused."""
        return self._users >= self._max_users

    @contextmanager
    def acquired(self) -> Iterator[None]:
        """Hold the lock. Raises HashingBusyError if the queue is full or does not move."""
        with self._counting:
            if self.full:
                raise HashingBusyError
            self._users += 1
        try:
            if not self._lock.acquire(timeout=self._patience_s):
                raise HashingBusyError
            try:
                yield
            finally:
                self._lock.release()
        finally:
            with self._counting:
                self._users -= 1


hashing_lock = BoundedLock(waiting=_WAITING, patience_s=_PATIENCE_S)


class QueuedPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    """Django's own hasher, one call at a time. Hashing releases the GIL, so a few logins at once would fill every core.

    Unknown names are hashed too (as in Django), and wait like known ones.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with hashing_lock.acquired():
            return super().encode(password, salt, iterations)
