"""The encoding of a large build, shared by all workers that are free.

The build's own worker makes the parts, wakes the others, and encodes parts itself like them. Parts and their results are
in the database and the private store, so that a worker on another host can help, and another one can take over the build.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import sleep

import numpy as np
import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from webapp.catalog.models import Photo
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import LeaseLostError, claim, row_update
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.photos import EncodedBatch
from webapp.registry.models import IndexBuild, IndexPart
from webapp.stores import artifacts

log = structlog.get_logger(__name__)
Encode = Callable[[Sequence[GalleryPhoto]], Iterator[tuple[int, EncodedBatch]]]

PART = 512  # photos: about ten seconds of work
_LEASE = timedelta(minutes=2)
_MAX_ATTEMPTS = 5  # of a part; a photo that kills its worker must not kill all of them for ever
_POLL_S = 0.25
_CENTRES = "centres.npz"
Status = IndexPart.Status


class PartFailedError(Exception):
    """A part that several workers have tried to encode."""


def parts_encoded(
    build: IndexBuild,
    photos: Sequence[GalleryPhoto],
    encode: Encode,
    wake: Callable[[int], None],
) -> Iterator[tuple[int, EncodedBatch]]:
    """Yield the encoded photos, a part at a time, as this and other workers finish them.

    wake: asks so many workers for help. Parts that an earlier attempt has made are kept. Raises PartFailedError, and
    whatever `encode` raises.
    """
    numbers = _parts(build, photos)
    wake(len(numbers) - 1)
    while numbers:
        _encode_next(build, encode)
        done = IndexPart.objects.filter(build=build, number__in=numbers, status=Status.DONE)
        finished = list(done)
        for part in finished:
            numbers.remove(part.number)
            yield len(part.photo_ids), _read(part.file)
        if numbers and not finished:
            _check(build)
            sleep(_POLL_S)


def parts_help(build: IndexBuild, encode: Encode) -> int:
    """Encode parts of a build until none waits. Return how many this worker has encoded."""
    n = 0
    while _encode_next(build, encode):
        n += 1
    return n


def parts_waiting(build: IndexBuild) -> bool:
    """Return whether another worker could help."""
    return IndexPart.objects.filter(build=build, status=Status.QUEUED).exists()


def work_folder(build: IndexBuild) -> Path:
    """Return this machine's folder for what it has of an unfinished build."""
    folder: Path = settings.DATA_DIR / "index-builds" / str(build.pk)
    return folder


def centres_share(build: IndexBuild, local: Path) -> None:
    """Store a build's centres for its helpers."""
    name = f"{_folder(build)}/{_CENTRES}"
    if not artifacts.storage().exists(name):
        artifacts.storage().save(name, ContentFile(local.read_bytes()))


def centres_fetch(build: IndexBuild, local: Path) -> None:
    """Put the centres of a build where this worker expects them, if some worker has shared them."""
    name = f"{_folder(build)}/{_CENTRES}"
    if not local.exists() and artifacts.storage().exists(name):
        local.parent.mkdir(parents=True, exist_ok=True)
        with artifacts.storage().open(name) as file:
            local.write_bytes(file.read())


def parts_remove(build: IndexBuild) -> None:
    """Delete the parts of a build that has ended, with their files."""
    parts = IndexPart.objects.filter(build=build)
    names = [file for file in parts.values_list("file", flat=True) if file]
    if not parts.exists():
        return
    for name in [*names, f"{_folder(build)}/{_CENTRES}"]:
        artifacts.storage().delete(name)
    parts.delete()


def _parts(build: IndexBuild, photos: Sequence[GalleryPhoto]) -> set[int]:
    """Return the numbers of the parts that have these photos: those of an earlier attempt, and new ones."""
    wanted = {photo.id for photo in photos}
    numbers, highest = set(), -1
    for part in IndexPart.objects.filter(build=build):
        highest = max(highest, part.number)
        if wanted.issuperset(part.photo_ids):
            numbers.add(part.number)
            wanted.difference_update(part.photo_ids)
    ids = sorted(wanted)
    new = [
        IndexPart(build=build, number=highest + 1 + place, photo_ids=ids[start : start + PART])
        for place, start in enumerate(range(0, len(ids), PART))
    ]
    IndexPart.objects.bulk_create(new)
    return numbers | {part.number for part in new}


def _encode_next(build: IndexBuild, encode: Encode) -> bool:
    """Claim and encode one part. Return False if none is left to claim."""
    part = _claimed(build)
    if part is None:
        return False
    try:
        with Heartbeat(partial(row_update, part)):
            name = _write(part, encode)
        row_update(part, status=Status.DONE, file=name)
    except LeaseLostError:
        log.warning("index_part_taken_over", build=build.pk, part=part.number)
    except Exception:
        with suppress(LeaseLostError):
            row_update(part, status=Status.QUEUED)
        raise
    return True


def _claimed(build: IndexBuild) -> IndexPart | None:
    now = timezone.now()
    parts = IndexPart.objects.filter(build=build).exclude(status=Status.DONE)
    for pk in parts.order_by("number").values_list("pk", flat=True)[:100]:
        if claim(parts.filter(attempts__lt=_MAX_ATTEMPTS), pk, now=now, expires_after=_LEASE):
            return IndexPart.objects.get(pk=pk)
    return None


def _check(build: IndexBuild) -> None:
    """Raise PartFailedError if a part has been tried too often."""
    tried = IndexPart.objects.filter(build=build, attempts__gte=_MAX_ATTEMPTS).exclude(status=Status.DONE)
    lost = tried.filter(heartbeat_at__lt=timezone.now() - _LEASE) | tried.filter(status=Status.QUEUED)
    if part := lost.first():
        ids = part.photo_ids
        raise PartFailedError(
            f"photos {ids[0]} to {ids[-1]} could not be encoded in {part.attempts} attempts"
        )


def _write(part: IndexPart, encode: Encode) -> str:
    """Encode a part's photos into a file of the private store. Return its name."""
    photos = Photo.objects.filter(pk__in=part.photo_ids).order_by("pk")
    rows = [GalleryPhoto(*row) for row in photos.values_list("pk", "file", "product_id")]
    batches = [batch for _, batch in encode(rows)]
    file = io.BytesIO()
    arrays = {
        name: np.concatenate([getattr(batch, name) for batch in batches]) if batches else np.empty(0)
        for name in ("ids", "keys", "embeddings", "hash_codes")
    }
    np.savez(file, **arrays)  # type: ignore[arg-type]  # the stub takes keywords for its own options
    folder = _folder(IndexBuild(pk=part.build_id))
    return artifacts.storage().save(
        f"{folder}/{part.number}-{part.attempts}.npz", ContentFile(file.getvalue())
    )


def _read(name: str) -> EncodedBatch:
    with artifacts.storage().open(name) as file:
        found = np.load(io.BytesIO(file.read()))
        return EncodedBatch(found["ids"], found["keys"], found["embeddings"], found["hash_codes"])


def _folder(build: IndexBuild) -> str:
    return f"index-parts/{build.pk}"
