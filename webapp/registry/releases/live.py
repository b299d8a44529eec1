"""The live release in this process's memory: loaded once, followed by a thread, replaced as a whole.

A query calls `current()` once and keeps the result: when another release goes live, running queries finish on the old
one, which is freed with the last of them.
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
from webapp.registry.indexes.name_fits import name_fits
from webapp.registry.indexes.opening import open_release
from webapp.registry.models import LivePointer, Release

log = structlog.get_logger(__name__)

POLL_S: float = 1.0  # 0: no thread; `current()` queries the database every time (for tests)
_RETRY_S = 15.0
# Minimum between two reads of the products' fits, because an import changes the catalogue constantly.
_FITS_S = 60.0


class ReleasePayload(TypedDict):
    """How answers identify the release that produced them."""

    id: int
    model: str
    index: str
    precision: str


@dataclass(frozen=True, eq=False)
class LiveRelease:
    """A release ready to answer: its encoder, its index, and what pages show about it."""

    id: int
    number: int  # of the pointer's moves
    promoted_at: datetime
    model: str
    model_sha256: str
    precision: str
    fallback: str  # why this process runs fp32 instead of int8; empty if it does not
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
        """The number of photos that a query is compared with."""
        return len(self.index)

    def row_of(self, photo_id: int) -> int | None:
        """Return the gallery row of a photo, or None if the index does not contain it."""
        rows = np.flatnonzero(self.index.ids == photo_id)
        return int(rows[0]) if len(rows) else None


Listener = Callable[[LiveRelease], None]


class _Follower:
    """Holds the live release and follows the pointer and the catalogue's revision."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one load at a time
        self._first = threading.RLock()  # visitors wait for a process's first load; listeners must not
        self._live: LiveRelease | None = None
        self._number = 0
        self._watching_pid = self._loaded_pid = 0
        self._listeners: set[Listener] = set()
        self._stop = threading.Event()
        self._unreachable = False
        self.is_behind = False  # the promoted release could not be loaded, so an earlier one answers
        self.catalogue_revision = 0
        self._fits_revision, self._fits_due = 0, 0.0  # the catalogue revision of the fits; their next update

    def current(self) -> LiveRelease | None:
        if not POLL_S:
            self.refresh()
        elif self._loaded_pid != os.getpid():  # the first call, or a fork, which has no threads
            with self._first:
                if self._watching_pid != os.getpid():
                    self._watching_pid = os.getpid()
                    self._try_refresh()
                    threading.Thread(target=self._watch, name="live-release", daemon=True).start()
                    self._loaded_pid = os.getpid()
        return self._live

    def refresh(self) -> None:
        """Load the release that the pointer names, if it has moved. An error is raised, and the old release stays."""
        with self._lock:
            self.catalogue_revision = catalogue_revision_read()
            pointer = LivePointer.objects.filter(pk=1).values_list("number", "release_id").first()
            number, release_id = pointer or (0, None)
            if number == self._number:
                self._refresh_fits()
                return
            live = _load(release_id, number, self._live) if release_id else None
            self._live, self._number = live, number
            self._note_fits(self.catalogue_revision)
        if live:
            log.info("release_live", release=live.id, number=number, model=live.model)
            for listener in list(self._listeners):
                listener(live)

    def _refresh_fits(self) -> None:
        """Follow changes of products' words and of corrections, within a minute."""
        if (
            self._live is None
            or self._fits_revision == self.catalogue_revision
            or monotonic() < self._fits_due
        ):
            return
        revision = self.catalogue_revision
        self._live.search.fits = name_fits(self._live.index)
        self._note_fits(revision)

    def _note_fits(self, revision: int) -> None:
        self._fits_revision, self._fits_due = revision, monotonic() + _FITS_S

    def _try_refresh(self) -> bool:
        """Return False if a release cannot be loaded, which should not be retried at once."""
        try:
            self.refresh()
        except (InterfaceError, OperationalError) as error:  # the database is unavailable; keep trying
            if not self._unreachable:
                log.warning("database_unreachable", error=str(error))
            self._unreachable = True
            return True
        except Exception as error:  # the release in memory keeps answering, whatever the error
            log.exception("release_not_loaded", error=str(error))
            self.is_behind = True
            return False
        self._unreachable = self.is_behind = False
        return True

    def _watch(self) -> None:
        while not self._stop.wait(POLL_S):
            loaded = self._try_refresh()
            close_old_connections()  # of this thread, in which no request ends and closes them
            if not loaded:
                self._stop.wait(_RETRY_S)

    def stop(self) -> None:
        """Stop the thread."""
        self._stop.set()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)


def _load(release_id: int, number: int, earlier: LiveRelease | None) -> LiveRelease:
    """Open a release. If its model is the same, the encoder of `earlier` is kept."""
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


def load_beside(release_id: int, live: LiveRelease | None) -> LiveRelease:
    """Return another release, opened to answer beside the live one, whose encoder it shares if the model is the same."""
    return _load(release_id, 0, live)


_follower = _Follower()


def current() -> LiveRelease | None:
    """Return the live release, or None before the first. Only a process's first call waits."""
    return _follower.current()


def is_behind() -> bool:
    """Return whether a promoted release could not be loaded by this process."""
    return _follower.is_behind


def catalogue_revision() -> int:
    """Return the number of the catalogue's changes that this process has seen."""
    return _follower.catalogue_revision


def subscribe(listener: Listener) -> Callable[[], None]:
    """Call `listener`, from a thread, when another release is live. Return the function that unsubscribes it."""
    return _follower.subscribe(listener)


def reset() -> None:
    """Drop the release in memory, for tests that change databases."""
    _follower._live, _follower._number, _follower.is_behind = None, 0, False
