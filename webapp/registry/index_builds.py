"""Building an index: the catalogue's photos through an encoder, batch by batch, resumable."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from ml.errors import SketchfindError
from ml.retrieval.builder import IndexBuilder
from ml.retrieval.files import sha256_of
from ml.retrieval.index import FILES, MANIFEST, GalleryIndex
from webapp import artifacts
from webapp.accounts.models import User
from webapp.registry.models import LEASE, IndexBuild, ModelVersion
from webapp.registry.photo_batches import EncodedBatch, PhotoEncoder
from webapp.registry.selectors import GalleryPhoto, catalogue_sha256, gallery_photos
from webapp.registry.services import model_encoder

log = structlog.get_logger(__name__)
Progress = Callable[[int, int], None]  # photos done, photos in all
Status = IndexBuild.Status

_BATCH = 32
_IN_FLIGHT = 2 * (os.cpu_count() or 1)  # batches


def index_build_request(*, model: ModelVersion, by: User | None = None) -> IndexBuild:
    """The build of today's catalogue with `model`: a ready one, the unfinished one, or a new one."""
    catalogue = catalogue_sha256()
    same = IndexBuild.objects.filter(model=model, catalogue_sha256=catalogue)
    for ready in same.filter(status=Status.READY):
        if artifacts.exists(ready.folder, MANIFEST):
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


def index_build(*, build: IndexBuild, progress: Progress = lambda done, total: None) -> bool:
    """Runs a waiting build to its end, from where a killed worker left it. False where another worker has it.

    Raises what made it fail, after noting it in the row.
    """
    if not _claimed(build):
        return False
    build.refresh_from_db()
    log.info("index_build_started", build=build.pk, attempt=build.attempts)
    try:
        folder, n_skipped = _built(build, progress)
        name = f"indexes/{build.pk}-{sha256_of(folder / MANIFEST)[:12]}"
        artifacts.publish(folder, name, FILES, last=MANIFEST)
        _update(
            build,
            status=Status.READY,
            folder=name,
            sha256=sha256_of(folder / MANIFEST),
            n_skipped=n_skipped,
            finished_at=timezone.now(),
            error="",
        )
    except Exception as error:
        _update(
            build, status=Status.FAILED, error=f"{type(error).__name__}: {error}", finished_at=timezone.now()
        )
        raise
    shutil.rmtree(_work(build), ignore_errors=True)
    log.info("index_build_ready", build=build.pk, photos=build.n_done, skipped=build.n_skipped)
    return True


def _claimed(build: IndexBuild) -> bool:
    now = timezone.now()
    free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, heartbeat_at__lt=now - LEASE)
    claim = IndexBuild.objects.filter(free, pk=build.pk)
    return bool(claim.update(status=Status.RUNNING, heartbeat_at=now, attempts=F("attempts") + 1))


def _built(build: IndexBuild, progress: Progress) -> tuple[Path, int]:
    """Encodes what no earlier attempt did; the whole index's folder, and how many photos were unreadable."""
    encoder = model_encoder(model=build.model)
    sizes = {"code_length": encoder.code_length, "embedding_dim": encoder.embedding_dim}
    builder = IndexBuilder(_work(build) / "shards", encoder_sha256=encoder.sha256, **sizes)
    done = set(builder.done_ids().tolist())
    photos = [photo for photo in gallery_photos() if photo.id not in done]
    n_total, n_seen, n_skipped = len(done) + len(photos), len(done), 0
    _update(build, n_total=n_total, n_done=len(done), error="")
    progress(n_seen, n_total)
    encode = PhotoEncoder(encoder, _reusable(build.model, encoder.sha256, encoder.code_length))
    for n_photos, batch in _encoded(encode, photos):
        builder.add(batch.ids, batch.embeddings, batch.hash_codes, batch.keys)
        n_seen += n_photos
        n_skipped += n_photos - len(batch.ids)
        _update(build, n_done=n_seen, n_skipped=n_skipped)
        progress(n_seen, n_total)
    final = _work(build) / "index"
    shutil.rmtree(final, ignore_errors=True)  # finished, then killed before it was published
    builder.finish(final, built_at=timezone.now().isoformat(timespec="seconds"))
    return final, n_skipped


def _encoded(encode: PhotoEncoder, photos: list[GalleryPhoto]) -> Iterator[tuple[int, EncodedBatch]]:
    """Batches in order, encoded on every core; few are in flight, so memory stays small."""
    batches = (photos[start : start + _BATCH] for start in range(0, len(photos), _BATCH))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            waiting = [(len(batch), pool.submit(encode, batch)) for batch in islice(batches, _IN_FLIGHT)]
            while waiting:
                n_photos, encoded = waiting.pop(0)
                yield n_photos, encoded.result()
                waiting += [(len(batch), pool.submit(encode, batch)) for batch in islice(batches, 1)]
        finally:
            pool.shutdown(cancel_futures=True)


def _reusable(model: ModelVersion, encoder_sha256: str, code_length: int) -> GalleryIndex | None:
    """The newest ready index of the same encoder: pictures that it holds need not be encoded again."""
    ready = IndexBuild.objects.filter(model=model, status=Status.READY)
    for build in ready.order_by("-pk")[:1]:
        try:
            folder = artifacts.local_folder(build.folder, [*FILES, MANIFEST])
            return GalleryIndex.open(
                folder, expect_encoder_sha256=encoder_sha256, expect_code_length=code_length
            )
        except (OSError, SketchfindError) as error:
            log.warning("index_not_reusable", build=build.pk, error=str(error))
    return None


def _update(build: IndexBuild, **values: object) -> None:
    """Writes columns and the sign of life."""
    values["heartbeat_at"] = timezone.now()
    for name, value in values.items():
        setattr(build, name, value)
    build.save(update_fields=list(values))


def _work(build: IndexBuild) -> Path:
    folder: Path = settings.DATA_DIR / "index-builds" / str(build.pk)
    return folder
