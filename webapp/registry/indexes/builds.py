"""Building an index: the catalogue's photos through an encoder, batch by batch, resumable."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils import timezone

from ml.errors import SketchfindError
from ml.retrieval.builder import IndexBuilder
from ml.retrieval.files import sha256_of
from ml.retrieval.index import FILES, MANIFEST, GalleryIndex, IndexManifest
from ml.serving.encoder import Encoder
from webapp.accounts.models import User
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import LeaseLostError, row_claim, row_update, unattended
from webapp.registry.indexes.catalogue import GalleryPhoto, catalogue_sha256, gallery_photos, photos_sha256
from webapp.registry.indexes.check import index_check
from webapp.registry.indexes.hash_codes import hash_codes_store
from webapp.registry.indexes.opening import open_encoder, open_index
from webapp.registry.indexes.photos import EncodedBatch, KnownPictures, photos_encoded
from webapp.registry.models import IndexBuild, ModelVersion
from webapp.registry.models.releases import LEASE
from webapp.stores import artifacts

log = structlog.get_logger(__name__)
Progress = Callable[[int, int], None]  # photos done, photos in all
Status = IndexBuild.Status
ItemT = TypeVar("ItemT")

_BATCH = 32
_TAKEN_OVER = 50_000  # a batch of pictures that need no encoding
_IN_FLIGHT = 2 * (os.cpu_count() or 1)  # batches
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)  # after failures


def index_build_request(
    *, model: ModelVersion, by: User | None = None, photos: list[GalleryPhoto] | None = None
) -> IndexBuild:
    """The build of today's catalogue with `model`: a ready one, the unfinished one, or a new one.

    photos: the catalogue, where the caller has just read it.
    """
    catalogue = catalogue_sha256() if photos is None else photos_sha256(photos)
    same = IndexBuild.objects.filter(model=model, catalogue_sha256=catalogue)
    for ready in same.filter(status=Status.READY):
        if _is_usable(ready):
            return ready
    unfinished = same.filter(status__in=[Status.QUEUED, Status.RUNNING])
    if build := unfinished.first():
        return build
    try:
        with transaction.atomic():
            return IndexBuild.objects.create(
                model=model, model_sha256=model.sha256, catalogue_sha256=catalogue, created_by=by
            )
    except IntegrityError:  # another request was first
        return unfinished.get()


def _is_usable(build: IndexBuild) -> bool:
    """Whether a ready build's files are kept and of recorded, sound numbers; else it is built again."""
    numbers = build.numbers or {}
    return bool(numbers.get("sound")) and artifacts.exists(build.folder, MANIFEST)


def index_retry_at(*, model: ModelVersion, photos: list[GalleryPhoto]) -> datetime | None:
    """When to try again by itself what failed: 1, 2, 4 ... 30 minutes after the last time; None where nothing did."""
    ever = IndexBuild.objects.filter(model=model, status=Status.FAILED, finished_at__isnull=False)
    if not ever.exists():
        return None
    failed = ever.filter(catalogue_sha256=photos_sha256(photos)).aggregate(
        n=Count("pk"), last=Max("finished_at")
    )
    if not failed["n"]:
        return None
    last: datetime = failed["last"]
    doublings: int = min(failed["n"] - 1, 10)  # by then it is the longest
    return last + min(_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def index_build(
    *,
    build: IndexBuild,
    progress: Progress = lambda done, total: None,
    photos: list[GalleryPhoto] | None = None,
) -> bool:
    """Runs a waiting build to its end, from where a killed worker left it. False where another worker has it.

    It holds `photos`, or else the catalogue as it is when it starts. Raises what made it fail, once the row tells it.
    """
    if not row_claim(build, expires_after=LEASE):
        return False
    log.info("index_build_started", build=build.pk, attempt=build.attempts)
    try:
        with Heartbeat(partial(row_update, build)):
            photos = list(gallery_photos()) if photos is None else photos
            folder, n_skipped = _built(build, photos, progress)
            row_update(build, n_skipped=n_skipped)
            name = f"indexes/{build.pk}-{sha256_of(folder / MANIFEST)[:12]}"
            artifacts.publish(folder, name, FILES, last=MANIFEST)
        row_update(
            build,
            status=Status.READY,
            catalogue_sha256=photos_sha256(photos),
            folder=name,
            sha256=sha256_of(folder / MANIFEST),
            numbers=_told(folder),
            finished_at=timezone.now(),
            error="",
        )
    except LeaseLostError:
        log.warning("index_build_taken_over", build=build.pk, attempt=build.attempts)
        return False
    except Exception as error:
        with suppress(LeaseLostError):
            why = f"{type(error).__name__}: {error}"
            row_update(build, status=Status.FAILED, error=why, finished_at=timezone.now())
            shutil.rmtree(_work(build), ignore_errors=True)  # a further try is another build
        raise
    shutil.rmtree(_work(build), ignore_errors=True)
    log.info("index_build_ready", build=build.pk, photos=build.n_photos, skipped=build.n_skipped)
    return True


def index_builds_unattended() -> list[int]:
    """Builds whose worker is gone, or whose message was lost."""
    return unattended(IndexBuild.objects.all(), now=timezone.now(), after=LEASE)


def _built(build: IndexBuild, photos: list[GalleryPhoto], progress: Progress) -> tuple[Path, int]:
    """Takes over the pictures that an earlier index knows, encodes what no earlier attempt did, and checks it.

    The whole index's folder, and how many photos were unreadable.
    """
    encoder = open_encoder(build.model)
    sizes = {"code_length": encoder.code_length, "embedding_dim": encoder.embedding_dim}
    builder = IndexBuilder(
        _work(build) / "shards", encoder_sha256=encoder.sha256, numbers=encoder.numbers, **sizes
    )
    done = set(builder.done_ids().tolist())
    waiting = [photo for photo in photos if photo.id not in done]
    n_total, n_seen, n_skipped = len(photos), len(photos) - len(waiting), 0
    row_update(build, n_total=n_total, n_done=n_seen, error="")
    progress(n_seen, n_total)
    pictures = KnownPictures(_reusable(build.model, encoder))
    known, new = pictures.divided(waiting)
    taken_over = ((len(part), pictures.taken_over(part)) for part in _parts(known, _TAKEN_OVER))
    for n_photos, batch in chain(taken_over, _encoded(encoder, new)):
        row_update(build)  # before anything is written: another worker may have it by now
        builder.add(batch.ids, batch.embeddings, batch.hash_codes, batch.keys)
        n_seen += n_photos
        n_skipped += n_photos - len(batch.ids)
        row_update(build, n_done=n_seen, n_skipped=n_skipped)
        progress(n_seen, n_total)
    final = _work(build) / "index"
    shutil.rmtree(final, ignore_errors=True)  # finished, then killed before it was published
    belong = np.array([photo.id for photo in photos], np.int64)
    builder.finish(final, built_at=timezone.now().isoformat(timespec="seconds"), keep=belong)
    row_update(build)
    hash_codes_store(index_check(final, encoder=encoder, photos=photos, n_skipped=n_skipped))
    return final, n_skipped


def _told(folder: Path) -> dict[str, object] | None:
    numbers = IndexManifest.read(folder).numbers
    return asdict(numbers) if numbers else None


def _parts(items: list[ItemT], size: int) -> Iterator[list[ItemT]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _encoded(encoder: Encoder, photos: list[GalleryPhoto]) -> Iterator[tuple[int, EncodedBatch]]:
    """Batches in order, encoded on every core; few are in flight, so memory stays small."""
    batches = _parts(photos, _BATCH)
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def next_ones(n: int) -> list[tuple[int, Future[EncodedBatch]]]:
            return [(len(part), pool.submit(photos_encoded, encoder, part)) for part in islice(batches, n)]

        try:
            waiting = next_ones(_IN_FLIGHT)
            while waiting:
                n_photos, encoded = waiting.pop(0)
                yield n_photos, encoded.result()
                waiting += next_ones(1)
        finally:
            pool.shutdown(cancel_futures=True)


def _reusable(model: ModelVersion, encoder: Encoder) -> GalleryIndex | None:
    """A late ready index of the same encoder, whose embeddings may be copied because its numbers are recorded."""
    ready = IndexBuild.objects.filter(model=model, status=Status.READY)
    for build in ready.order_by("-pk")[:5]:  # the newest whose files are there
        try:
            if (index := open_index(build, encoder)).manifest.numbers is not None:
                return index
        except (OSError, SketchfindError) as error:
            log.warning("index_not_reusable", build=build.pk, error=str(error))
    return None


def _work(build: IndexBuild) -> Path:
    folder: Path = settings.DATA_DIR / "index-builds" / str(build.pk)
    return folder
