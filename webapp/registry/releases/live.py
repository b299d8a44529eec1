"""The live release in this process's memory: loaded once, followed by a thread, swapped whole.

A query takes `current()` once and keeps what it got: when another release goes live, queries under way end on
the old one, which is freed with the last of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, TypedDict

import numpy as np
import structlog
from django.db import InterfaceError, OperationalError, close_old_connections

from ml.retrieval.index import GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from webapp.catalog.changes import revision as catalogue_revision_read
from webapp.registry.indexes.opening import open_release
from webapp.registry.indexes.shelves import shelf_vote
from webapp.registry.models import LivePointer, Release

log = structlog.get_logger(__name__)

POLL_S: float = 1.0  # 0: no thread, `current()` asks the database every time (tests)
_RETRY_S = 15.0
# At least, between two readings of a catalogue's shelves: an import changes it all the time.
_SHELVES_S = 60.0


class ReleasePayload(TypedDict):
    """How answers name the release that gave them."""

    id: int
    model: str
    index: str
    precision: str


@dataclass(frozen=True, eq=False)
class LiveRelease:
    """A release ready to answer: its encoder, its index, and what pages tell of it."""

    id: int
    number: int  # of the pointer's moves
    promoted_at: datetime
    model: str
    model_sha256: str
    precision: str
    fallback: str  # why this process runs fp32 instead of int8; empty where it does not
    metrics: dict[str, Any]
    card: str  # Markdown
    encoder: Encoder
    search: TwoStageSearch
    index_sha256: str
    indexed_at: str
    payload: ReleasePayload

    @property
    def index(self) -> GalleryIndex:
        """The gallery: rows of photo ids, codes and embeddings."""
        return self.search.index

    @property
    def n_photos(self) -> int:
        """Photos that a query is compared with."""
        return len(self.index)

    def row_of(self, photo_id: int) -> int | None:
        """The gallery row of a photo, or None where the index was built without it."""
        rows = np.flatnonzero(self.index.ids == photo_id)
        return int(rows[0]) if len(rows) else None


Listener = Callable[[LiveRelease], None]


class _Follower:
    """Holds the live release and keeps up with the pointer, and with the number of the catalogue's changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one load at a time
        self._first = threading.RLock()  # visitors wait for a process's first load; its listeners may not
        self._live: LiveRelease | None = None
        self._number = 0
        self._watching_pid = self._loaded_pid = 0
        self._listeners: set[Listener] = set()
        self._stop = threading.Event()
        self._unreachable = False
        self.is_behind = False  # the promoted release could not be loaded; an earlier one answers
        self.catalogue_revision = 0
        self._shelved, self._shelve_at = 0, 0.0  # the revision whose shelves vote; when to look again

    def current(self) -> LiveRelease | None:
        if not POLL_S:
            self.refresh()
        elif self._loaded_pid != os.getpid():  # the first time, or in a fork, which has no threads
            with self._first:
                if self._watching_pid != os.getpid():
                    self._watching_pid = os.getpid()
                    self._try_refresh()
                    threading.Thread(target=self._watch, name="live-release", daemon=True).start()
                    self._loaded_pid = os.getpid()
        return self._live

    def refresh(self) -> None:
        """Loads what the pointer names, if it moved. Raises where that fails; the old one then stays."""
        with self._lock:
            self.catalogue_revision = catalogue_revision_read()
            pointer = LivePointer.objects.filter(pk=1).values_list("number", "release_id").first()
            number, release_id = pointer or (0, None)
            if number == self._number:
                self._follow_shelves()
                return
            live = _loaded(release_id, number, self._live) if release_id else None
            self._live, self._number = live, number
            self._shelves_read(self.catalogue_revision)
        if live:
            log.info("release_live", release=live.id, number=number, model=live.model)
            for listener in list(self._listeners):
                listener(live)

    def _follow_shelves(self) -> None:
        """Products that changed their category vote with the new one, a minute later at most."""
        if self._live is None or self._shelved == self.catalogue_revision or monotonic() < self._shelve_at:
            return
        revision = self.catalogue_revision
        self._live.search.prior = shelf_vote(self._live.index, self._live.encoder)
        self._shelves_read(revision)

    def _shelves_read(self, revision: int) -> None:
        self._shelved, self._shelve_at = revision, monotonic() + _SHELVES_S

    def _try_refresh(self) -> bool:
        """False where a release cannot be loaded: it is not tried again at once."""
        try:
            self.refresh()
        except (
            InterfaceError,
            OperationalError,
        ) as error:  # the database is away; it is asked again and again
            if not self._unreachable:
                log.warning("database_unreachable", error=str(error))
            self._unreachable = True
            return True
        except Exception as error:  # whatever it is, the release in memory goes on answering
            log.exception("release_not_loaded", error=str(error))
            self.is_behind = True
            return False
        self._unreachable = self.is_behind = False
        return True

    def _watch(self) -> None:
        while not self._stop.wait(POLL_S):
            loaded = self._try_refresh()
            close_old_connections()  # the thread's own; no request ends here that would
            if not loaded:
                self._stop.wait(_RETRY_S)

    def stop(self) -> None:
        """Ends the following thread."""
        self._stop.set()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)


def _loaded(release_id: int, number: int, earlier: LiveRelease | None) -> LiveRelease:
    """Opens a release; the encoder of `earlier` serves on where the model is the same."""
    release = Release.objects.select_related("index_build__model").get(pk=release_id)
    model = release.model
    same = earlier is not None and earlier.model_sha256 == model.sha256
    opened = open_release(release, encoder=earlier.encoder if earlier and same else None)
    event = release.events.filter(number__lte=number).first()
    return LiveRelease(
        id=release.pk,
        number=number,
        promoted_at=event.at if event else release.created_at,
        model=str(model),
        model_sha256=model.sha256,
        precision=opened.encoder.precision,
        fallback=opened.encoder.fallback,
        metrics=model.metrics,
        card=model.card,
        encoder=opened.encoder,
        search=opened.search,
        index_sha256=release.index_sha256,
        indexed_at=opened.index.manifest.built_at,
        payload={
            "id": release.pk,
            "model": str(model),
            "index": release.index_sha256[:12],
            "precision": opened.encoder.precision,
        },
    )


_follower = _Follower()


def current() -> LiveRelease | None:
    """The live release, or None before the first. In memory: only a process's first call waits."""
    return _follower.current()


def is_behind() -> bool:
    """Whether another release was promoted that this process could not load."""
    return _follower.is_behind


def catalogue_revision() -> int:
    """The number of the catalogue's changes that this process knows of."""
    return _follower.catalogue_revision


def subscribe(listener: Listener) -> Callable[[], None]:
    """Calls `listener`, from a thread, when another release is live. Returns the function that ends it."""
    return _follower.subscribe(listener)


def forget() -> None:
    """Drops what is in memory, for tests that change databases."""
    _follower._live, _follower._number, _follower.is_behind = None, 0, False
