"""Validate every row of a zip of own material, without storing anything that others see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from annotation.models import Sketch, StudyPhoto, StudySet
from annotation.services.material.drawings import Drawings, Drawn
from annotation.services.material.manifest import ManifestRow, manifest_row, record_fields
from ml.errors import SketchfindError, gettext_noop
from ml.images.decode import ImageLimits
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.files import files_write, photo_row
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.sources import ZipPictures
from webapp.catalog.models import Photo, Product
from webapp.catalog.remote.preparing import Preparing
from webapp.catalog.skus import PRIVATE_PREFIX
from webapp.input.messages import values_json

MAX_FINDINGS = 200
Tick = Callable[[int], None]


@dataclass(slots=True)
class Read:
    """What was read: sketches, each with its file in the zip; or photos with their products; and refusals."""

    sketches: list[tuple[Sketch, Drawn, str]] = field(default_factory=list)
    photos: list[tuple[str, Photo]] = field(default_factory=list)  # own id, photo of an unsaved product
    findings: list[dict[str, Any]] = field(default_factory=list)
    n_refused: int = 0

    def refuse(self, error: SketchfindError, *, row: int = 0, own_id: str = "", file: str = "") -> None:
        self.n_refused += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(
                {
                    "row": row,
                    "own_id": own_id[:80],
                    "file": file[:200],
                    "field": error.field[:80],
                    "why": error.template[:300],
                    "values": values_json(error.values),
                }
            )


def sketches_read(
    study_set: StudySet, records: Sequence[RawRow], files: ZipPictures, limits: ImageLimits, tick: Tick
) -> Read:
    """Return the sketches of all rows, unsaved."""
    read = Read()
    known = set(Sketch.objects.filter(study_set=study_set).values_list("own_id", flat=True))
    rows = _rows(records, known, read)
    matches = _true_matches(study_set, {row.true_match for row in rows if row.true_match})
    with Drawings(limits) as drawings:
        for n, row in enumerate(rows, start=1):
            try:
                if row.true_match and row.true_match not in matches:
                    raise RowError(
                        "true_match",
                        gettext_noop("{id} is neither a SKU of the shop nor a photo of this set"),
                        id=row.true_match,
                    )
                drawn = drawings.drawn(files.read(row.file), item=row.item)
                sketch = Sketch(
                    source=Sketch.Source.IMPORT,
                    study_set=study_set,
                    own_id=row.own_id,
                    name=row.name,
                    strokes=drawn.sketch.to_payload(),
                    product_id=matches.get(row.true_match),
                )
                read.sketches.append((sketch, drawn, row.file))
            except SketchfindError as error:
                read.refuse(_of_file(error), row=row.number, own_id=row.own_id, file=row.file)
            tick(n)
    return read


def photos_read(
    study_set: StudySet,
    records: Sequence[RawRow],
    files: ZipPictures,
    limits: ImageLimits,
    tick: Tick,
    written: list[str],
) -> Read:
    """Return the photos of all rows, unsaved. Their files are written, and named in `written`."""
    read = Read()
    known = set(StudyPhoto.objects.filter(study_set=study_set).values_list("own_id", flat=True))
    with Preparing(limits) as preparing:
        for n, row in enumerate(_rows(records, known, read), start=1):
            try:
                ready = preparing.prepared(files.read(row.file))
            except SketchfindError as error:
                read.refuse(_of_file(error), row=row.number, own_id=row.own_id, file=row.file)
            else:
                product = Product(
                    sku=f"{PRIVATE_PREFIX}{study_set.pk}/{row.own_id}",
                    name=row.name or row.own_id,
                    active=False,
                    private=True,
                )
                stem = token_hex(8)  # workers see the address, and own ids are the researcher's
                files_write(stem, ready, written)
                read.photos.append((row.own_id, photo_row(product, 0, ready, stem=stem)))
            tick(n)
    return read


def _rows(records: Sequence[RawRow], known: set[str], read: Read) -> list[ManifestRow]:
    """Return the valid rows; refuse the others, and own ids that are taken."""
    rows: list[ManifestRow] = []
    first: dict[str, int] = {}
    for record in records:
        own_id, file = _of_record(record)
        try:
            row = manifest_row(record)
            if row.own_id in known:
                raise RowError("id", gettext_noop("{id} is already in this set"), id=row.own_id)
            if row.own_id in first:
                raise RowError("id", gettext_noop("is already in row {first}"), first=first[row.own_id])
            first[row.own_id] = row.number
            rows.append(row)
        except SketchfindError as error:
            read.refuse(error, row=record.number, own_id=own_id, file=file)
    return rows


def _of_record(record: RawRow) -> tuple[str, str]:
    """Return own id and file of a record that may be invalid, to name it."""
    fields = record_fields(record, {"own_id": "id"}) if record.fields is not None else {}
    return fields.get("id", ""), fields.get("file", "")


def _of_file(error: SketchfindError) -> SketchfindError:
    """Return an error of the zip's reader, which calls every file a photo, in terms of the manifest."""
    return RowError("file", error.template, **error.values) if error.field == "photo" else error


def _true_matches(study_set: StudySet, wanted: set[str]) -> dict[str, int]:
    """Return products by the names that a manifest uses: SKUs of the shop, or own ids of the set's photos."""
    skus = dict(Product.objects.filter(sku__in=wanted).values_list("sku", "pk"))
    own = StudyPhoto.objects.filter(study_set=study_set, own_id__in=wanted)
    return {**skus, **dict(own.values_list("own_id", "product_id"))}
