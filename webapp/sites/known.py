"""The active keys in this process's memory, read again every few seconds: searches must not wait for the database."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from webapp.sites.models import SiteKey
from webapp.stores.full_disk import write_or_log

log = structlog.get_logger(__name__)

KEPT_S: float = 5.0  # a revoked key stops working after this time; 0: at once (for tests)
_USE_RECORDED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class KnownKey:
    """What an active key allows. Rates are per minute: of each visitor, and of the site's server."""

    id: int
    name: str
    public_key: str
    origins: frozenset[str]
    public_rate: int
    secret_rate: int


class _Keys:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._public: dict[str, KnownKey] = {}
        self._secret: dict[str, KnownKey] = {}
        self._due = 0.0
        self._used: dict[int, float] = {}

    def public(self, key: str) -> KnownKey | None:
        self._refresh()
        return self._public.get(key)

    def secret(self, key: str) -> KnownKey | None:
        self._refresh()
        return self._secret.get(SiteKey.digest_of(key))

    def note_use(self, key: KnownKey) -> None:
        now = monotonic()
        if now < self._used.get(key.id, 0.0):
            return
        self._used[key.id] = now + _USE_RECORDED_EVERY.total_seconds()
        at = timezone.now()
        write_or_log(lambda: SiteKey.objects.filter(pk=key.id).update(used_at=at), "site key use")

    def forget(self) -> None:
        with self._lock:
            self._due = 0.0
            self._used.clear()

    def _refresh(self) -> None:
        if monotonic() < self._due:
            return
        with self._lock:
            if monotonic() < self._due:
                return
            try:
                rows = list(SiteKey.objects.filter(active=True))
            except (InterfaceError, OperationalError) as error:  # the keys in memory keep working
                log.warning("site_keys_from_memory", error=str(error))
                self._due = monotonic() + 1.0
                return
            known = {row.pk: _known(row) for row in rows}
            self._public = {row.public_key: known[row.pk] for row in rows}
            self._secret = {row.secret_digest: known[row.pk] for row in rows if row.secret_digest}
            self._due = monotonic() + KEPT_S


def _known(row: SiteKey) -> KnownKey:
    return KnownKey(
        row.pk, row.name, row.public_key, frozenset(row.origins), row.public_rate, row.secret_rate
    )


_keys = _Keys()


def public_key_known(key: str) -> KnownKey | None:
    """Return the active key with this public key."""
    return _keys.public(key)


def secret_key_known(key: str) -> KnownKey | None:
    """Return the active key with this secret key."""
    return _keys.secret(key)


def use_note(key: KnownKey) -> None:
    """Record that a key is in use, at most once per minute and process."""
    _keys.note_use(key)


def forget() -> None:
    """Read the keys again: this process has changed one, or a test another database."""
    _keys.forget()
