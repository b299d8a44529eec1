"""The life of an import of own material: uploaded, claimed by one worker, read, and stored completely or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from annotation.models import MaterialImport, Sketch, StudyPhoto, StudySet
from annotation.services.audit import audit
from annotation.services.material.manifest import manifest_open
from annotation.services.material.reading import Read, photos_read, sketches_read
from ml.errors import SketchfindError, gettext_noop
from webapp.accounts.models import User
from webapp.catalog.importer.files import files_remove
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.importer.sources import ZipPictures
from webapp.catalog.models import Category, Photo, Product
from webapp.catalog.services import image_limits
from webapp.jobs.leases import Lease, LeaseLostError, claim, unattended

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 3  # a file that stops its worker must not stop all of them for ever
_KEEP_S = 2.0
_CATEGORY = "_study-photos"  # no feed can make this slug
_BATCH = 500


def material_import_create(
    *, study_set: StudySet, what: str, file: File[bytes], by: User | None
) -> MaterialImport:
    """Keep a zip for a worker."""
    name = Path(file.name or "material.zip").name[:200]
    row = MaterialImport(study_set=study_set, what=what, file_name=name, created_by=by)
    row.file.save("material.zip", file, save=False)
    row.save(force_insert=True)
    return row


def material_import_run(*, import_id: int) -> None:
    """Run a waiting import, unless another worker does. Its findings say why it was refused."""
    rows = MaterialImport.objects.filter(attempts__lt=MAX_ATTEMPTS)
    lease = claim(rows, import_id, now=timezone.now(), expires_after=LEASE)
    if lease is None:
        return
    row = MaterialImport.objects.select_related("study_set", "created_by").get(pk=import_id)
    read = Read()
    try:
        with row.file.open("rb") as stream:
            read = _imported(row, stream, lease)
    except LeaseLostError:
        log.warning("material_import_taken_over", import_id=import_id)
        return
    except SketchfindError as error:
        read.refuse(error, file=row.file_name)
    except Exception:
        log.exception("material_import_failed", import_id=import_id)
        read.refuse(FeedError("file", gettext_noop("the server failed; the error is in its log")))
    if read.n_refused:
        findings = sorted(read.findings, key=lambda found: int(found["row"]))
        failed = {"findings": findings, "n_refused": read.n_refused, "finished_at": timezone.now()}
        try:
            lease.write(status=MaterialImport.Status.FAILED, **failed)
        except LeaseLostError:
            return
    _file_delete(row)


def material_imports_unattended(*, now: datetime) -> list[int]:
    """Return imports whose worker is gone or whose message was lost; fail those that stopped several workers."""
    silent = MaterialImport.objects.filter(
        status=MaterialImport.Status.RUNNING, attempts__gte=MAX_ATTEMPTS, heartbeat_at__lt=now - LEASE
    )
    read = Read()
    read.refuse(FeedError("file", gettext_noop("{n} workers in turn fell silent over it"), n=MAX_ATTEMPTS))
    silent.update(status=MaterialImport.Status.FAILED, findings=read.findings, n_refused=1, finished_at=now)
    return unattended(MaterialImport.objects.filter(attempts__lt=MAX_ATTEMPTS), now=now, after=LEASE)


def _imported(row: MaterialImport, stream: File[bytes], lease: Lease) -> Read:
    """Read all rows; store them if none was refused."""
    limits = image_limits()
    records, files = manifest_open(stream, what=row.what, max_bytes=limits.max_bytes)
    if not records:
        raise FeedError("manifest", gettext_noop("has no rows"))
    lease.keep(n_rows=len(records), n_read=0)
    last = [monotonic()]

    def tick(n: int) -> None:
        if monotonic() - last[0] > _KEEP_S:
            lease.keep(n_read=n)
            last[0] = monotonic()

    written: list[str] = []
    try:
        if row.what == MaterialImport.What.SKETCHES:
            read = sketches_read(row.study_set, records, files, limits, tick)
        else:
            read = photos_read(row.study_set, records, files, limits, tick, written)
        if read.n_refused:
            files_remove(written)
            return read
        with transaction.atomic():
            _sketches_store(read, files, written)
            _photos_store(row.study_set, read)
            lease.write(status=MaterialImport.Status.DONE, n_read=len(records), finished_at=timezone.now())
            audit(
                "material.import",
                by=row.created_by,
                study_set=row.study_set.name,
                what=row.what,
                rows=len(records),
            )
    except BaseException:
        files_remove(written)
        raise
    return read


def _sketches_store(read: Read, files: ZipPictures, written: list[str]) -> None:
    for sketch, drawn, file in read.sketches:
        if drawn.picture:
            name = f"sketches/{sketch.key}.{drawn.picture}"
            written.append(name)
            sketch.raster.name = default_storage.save(name, ContentFile(files.read(file)))
    Sketch.objects.bulk_create((sketch for sketch, _, _ in read.sketches), batch_size=_BATCH)


def _photos_store(study_set: StudySet, read: Read) -> None:
    if not read.photos:
        return
    shelf, _ = Category.objects.get_or_create(
        {"name_en": "Photos of studies", "name_de": "Fotos von Studien"}, slug=_CATEGORY
    )
    products: Sequence[Product] = [photo.product for _, photo in read.photos]
    for product in products:
        product.category = shelf
    Product.everything.bulk_create(products, batch_size=_BATCH)
    for _, photo in read.photos:
        photo.product = photo.product  # its key is known now
    Photo.objects.bulk_create((photo for _, photo in read.photos), batch_size=_BATCH)
    StudyPhoto.objects.bulk_create(
        (
            StudyPhoto(study_set=study_set, own_id=own_id, product=photo.product)
            for own_id, photo in read.photos
        ),
        batch_size=_BATCH,
    )


def _file_delete(row: MaterialImport) -> None:
    row.file.delete(save=False)
    MaterialImport.objects.filter(pk=row.pk).update(file="")
