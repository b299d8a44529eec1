"""Build an index: encode the catalogue's photos batch by batch, resumably."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import structlog
from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils import timezone

from ml.errors import SketchfindError
from ml.retrieval.builder import IndexBuilder
from ml.retrieval.centres import CENTRES, Centres
from ml.retrieval.files import sha256_of
from ml.retrieval.index import MANIFEST, GalleryIndex, IndexManifest
from ml.serving.encoder import Encoder
from webapp.accounts.models import User
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import LeaseLostError, row_claim, row_update, unattended
from webapp.registry.indexes.calibrating import index_calibrate, recogniser_sha256
from webapp.registry.indexes.catalogue import GalleryPhoto, catalogue_sha256, gallery_photos, photos_sha256
from webapp.registry.indexes.centring import centres_of, same_gallery
from webapp.registry.indexes.check import index_check
from webapp.registry.indexes.encoding import in_parts, photos_encoded
from webapp.registry.indexes.greeting import index_greet
from webapp.registry.indexes.hash_codes import hash_codes_store
from webapp.registry.indexes.opening import open_encoder, open_index
from webapp.registry.indexes.parts import (
    PART,
    centres_fetch,
    centres_share,
    parts_encoded,
    parts_remove,
    work_folder,
)
from webapp.registry.indexes.photos import KnownPictures
from webapp.registry.indexes.staleness import is_usable
from webapp.registry.models import IndexBuild, ModelVersion
from webapp.registry.models.releases import LEASE
from webapp.registry.wake import index_help_wake
from webapp.stores import artifacts

log = structlog.get_logger(__name__)
Progress = Callable[[int, int], None]  # photos done, photos in total
Status = IndexBuild.Status

_COPY_BATCH = 50_000  # of pictures that need no encoding
_RETRY_AFTER, _MAX_RETRY_AFTER = timedelta(minutes=1), timedelta(minutes=30)  # after failures


def index_build_request(
    *, model: ModelVersion, by: User | None = None, photos: list[GalleryPhoto] | None = None
) -> IndexBuild:
    """Return the build of today's catalogue with `model`: the newest ready one if it is usable, the unfinished one, or a
    new one.

    photos: the catalogue, if the caller has just read it.
    """
    catalogue = catalogue_sha256() if photos is None else photos_sha256(photos)
    same = IndexBuild.objects.filter(model=model, catalogue_sha256=catalogue)
    # Only the newest: workers that judge differently would otherwise promote one after the other.
    newest = same.filter(status=Status.READY).order_by("-pk").first()
    if newest and is_usable(newest):
        return newest
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


def index_retry_at(*, model: ModelVersion, photos: list[GalleryPhoto]) -> datetime | None:
    """Return when to retry a failed build: 1, 2, 4 ... 30 minutes after the last failure; None if none has failed."""
    ever = IndexBuild.objects.filter(model=model, status=Status.FAILED, finished_at__isnull=False)
    if not ever.exists():
        return None
    failed = ever.filter(catalogue_sha256=photos_sha256(photos)).aggregate(
        n=Count("pk"), last=Max("finished_at")
    )
    if not failed["n"]:
        return None
    last: datetime = failed["last"]
    doublings: int = min(failed["n"] - 1, 10)  # beyond that, the maximum applies
    return last + min(_RETRY_AFTER * (1 << doublings), _MAX_RETRY_AFTER)


def index_build(
    *,
    build: IndexBuild,
    progress: Progress = lambda done, total: None,
    photos: list[GalleryPhoto] | None = None,
) -> bool:
    """Run a waiting build to its end, resuming where a killed worker left it. Return False if another worker has it.

    It indexes `photos`, or the catalogue as it is at the start. An error is saved in the row and raised again.
    """
    if not row_claim(build, expires_after=LEASE):
        return False
    log.info("index_build_started", build=build.pk, attempt=build.attempts)
    try:
        with Heartbeat(partial(row_update, build)):
            photos = list(gallery_photos()) if photos is None else photos
            folder, n_skipped = _build(build, photos, progress)
            row_update(build, n_skipped=n_skipped)
            name = f"indexes/{build.pk}-{sha256_of(folder / MANIFEST)[:12]}"
            artifacts.publish(folder, name, IndexManifest.read(folder).files, last=MANIFEST)
        row_update(
            build,
            status=Status.READY,
            catalogue_sha256=photos_sha256(photos),
            folder=name,
            sha256=sha256_of(folder / MANIFEST),
            numbers=_numbers_of(folder),
            finished_at=timezone.now(),
            error="",
        )
    except LeaseLostError:
        log.warning("index_build_taken_over", build=build.pk, attempt=build.attempts)
        return False
    except Exception as error:
        with suppress(LeaseLostError):
            reason = f"{type(error).__name__}: {error}"
            row_update(build, status=Status.FAILED, error=reason, finished_at=timezone.now())
            shutil.rmtree(work_folder(build), ignore_errors=True)  # a retry is another build
            parts_remove(build)
        raise
    shutil.rmtree(work_folder(build), ignore_errors=True)
    parts_remove(build)
    log.info("index_build_ready", build=build.pk, photos=build.n_photos, skipped=build.n_skipped)
    return True


def index_builds_unattended() -> list[int]:
    """Return builds whose worker is gone or whose message was lost."""
    return unattended(IndexBuild.objects.all(), now=timezone.now(), after=LEASE)


def _build(build: IndexBuild, photos: list[GalleryPhoto], progress: Progress) -> tuple[Path, int]:
    """Copy pictures that an earlier index has, encode those that no earlier attempt did, and check the result.

    Returns the complete index's folder, and the number of unreadable photos.
    """
    encoder = open_encoder(build.model)
    earlier = _reusable(build.model, encoder)
    work_folder(build).mkdir(parents=True, exist_ok=True)
    kept = work_folder(build) / "centres.npz"
    centres_fetch(build, kept)
    centres = centres_of(encoder, photos, earlier, kept)
    encoder = encoder.centred(centres)
    sizes = {"code_length": encoder.code_length, "embedding_dim": encoder.embedding_dim}
    builder = IndexBuilder(
        work_folder(build) / "shards", encoder_sha256=encoder.sha256, numbers=encoder.numbers, **sizes
    )
    done = set(builder.done_ids().tolist())
    waiting = [photo for photo in photos if photo.id not in done]
    n_total, n_seen, n_skipped = len(photos), len(photos) - len(waiting), 0
    row_update(build, n_total=n_total, n_done=n_seen, error="")
    progress(n_seen, n_total)
    pictures = KnownPictures(earlier if same_gallery(centres, earlier) else None)
    known, new = pictures.split(waiting)
    copied = ((len(part), pictures.copied(part)) for part in in_parts(known, _COPY_BATCH))
    if len(new) < 2 * PART:
        encoded = photos_encoded(encoder, new)
    else:
        if centres is not None:
            centres_share(build, kept)
        encoded = parts_encoded(build, new, partial(photos_encoded, encoder), partial(index_help_wake, build))
    for n_photos, batch in chain(copied, encoded):
        row_update(build)  # before anything is written, since another worker may hold the lease by now
        builder.add(batch.ids, batch.embeddings, batch.hash_codes, batch.keys)
        n_seen += n_photos
        n_skipped += n_photos - len(batch.ids)
        row_update(build, n_done=n_seen, n_skipped=n_skipped)
        progress(n_seen, n_total)
    final = work_folder(build) / "index"
    shutil.rmtree(final, ignore_errors=True)  # left by a worker that was killed before publishing it
    belong = np.array([photo.id for photo in photos], np.int64)
    now = timezone.now().isoformat(timespec="seconds")
    products = {photo.id: photo.product for photo in photos}
    builder.finish(final, built_at=now, keep=belong, centres=centres, products=products)
    index_calibrate(final, encoder=encoder, photos=photos)
    index_greet(final, encoder=encoder, photos=photos)
    row_update(build)
    hash_codes_store(index_check(final, encoder=encoder, photos=photos, n_skipped=n_skipped))
    return final, n_skipped


def _numbers_of(folder: Path) -> dict[str, object] | None:
    manifest = IndexManifest.read(folder)
    if manifest.numbers is None:
        return None
    numbers: dict[str, object] = asdict(manifest.numbers)
    if CENTRES in manifest.files:
        centres = Centres.read(folder / CENTRES, manifest.embedding_dim)
        numbers |= {"n_photos": centres.n_photos, "n_sketches": centres.n_sketches}
    numbers["recogniser_sha256"] = recogniser_sha256()
    return numbers


def _reusable(model: ModelVersion, encoder: Encoder) -> GalleryIndex | None:
    """Return a recent ready index of the same encoder whose recorded numbers allow copying its embeddings."""
    ready = IndexBuild.objects.filter(model=model, status=Status.READY)
    for build in ready.order_by("-pk")[:5]:  # the newest whose files exist
        try:
            if (index := open_index(build, encoder)).manifest.numbers is not None:
                return index
        except (OSError, SketchfindError) as error:
            log.warning("index_not_reusable", build=build.pk, error=str(error))
    return None
