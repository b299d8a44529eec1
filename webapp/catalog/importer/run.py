"""An import from start to finish: counts, progress, findings."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

from ml.errors import SketchfindError
from ml.images.decode import ImageLimits
from webapp.catalog.importer.batches import Change, batch_store, file_names
from webapp.catalog.importer.feed import RawRow
from webapp.catalog.importer.findings import FeedError, Finding, RowError
from webapp.catalog.importer.photos import VERSION, PreparedPhoto, photo_prepare, sha256_of
from webapp.catalog.importer.rows import FeedRow, row_validate, sku_of
from webapp.catalog.importer.sources import Pictures
from webapp.catalog.models import Product

BATCH_ROWS = 64  # a batch's pictures are in memory together
MAX_REFUSED = 100_000


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """The number of rows so far, by outcome."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.refused


@dataclass(frozen=True, slots=True)
class Step:
    """The state after a batch: the counts so far, and the batch's findings."""

    counts: ImportCounts
    findings: list[Finding]


def feed_import(
    rows: Iterable[RawRow], pictures: Pictures, *, limits: ImageLimits, dry_run: bool = False
) -> Iterator[Step]:
    """Import the rows batch by batch and yield a step after each. Memory does not grow with the number of rows.

    Unchanged rows are skipped, so an interrupted import can simply be run again. With `dry_run`, everything is checked
    and nothing written.
    """
    counts = ImportCounts()
    rows = iter(rows)
    with _SeenSkus() as seen, ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        while batch := list(islice(rows, BATCH_ROWS)):
            validated, findings = _validate(batch, seen)
            changes, n_unchanged, refusals = _changes(validated, pictures, limits, pool.map)
            findings += refusals
            n_refused = len(findings)
            if changes and not dry_run:
                findings += batch_store(changes)
            n_created = sum(change.product is None for change in changes)
            counts = replace(
                counts,
                created=counts.created + n_created,
                updated=counts.updated + len(changes) - n_created,
                unchanged=counts.unchanged + n_unchanged,
                refused=counts.refused + n_refused,
            )
            if counts.refused > MAX_REFUSED:
                raise FeedError(
                    "feed", f"more than {MAX_REFUSED} rows refused; check that this is a catalogue feed"
                )
            yield Step(counts, sorted(findings, key=lambda finding: finding.row))


class _SeenSkus(contextlib.AbstractContextManager["_SeenSkus"]):
    """The SKUs of the feed so far and their rows, in a temporary file: a set would grow with the feed."""

    def __enter__(self) -> _SeenSkus:
        self.table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.table.execute("PRAGMA journal_mode=OFF")
        self.table.execute("CREATE TABLE seen (sku TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID")
        return self

    def __exit__(self, *_: object) -> None:
        self.table.close()

    def row_of(self, sku: str, row: int) -> int:
        """Return the first row with `sku`: `row` if it is new."""
        self.table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (sku, row))
        first: int = self.table.execute("SELECT row FROM seen WHERE sku = ?", (sku,)).fetchone()[0]
        return first


def _validate(batch: list[RawRow], seen: _SeenSkus) -> tuple[list[FeedRow], list[Finding]]:
    validated, findings = [], []
    for raw in batch:
        try:
            row = row_validate(raw)
            if (first := seen.row_of(row.sku, row.number)) != row.number:
                raise RowError("sku", f"is already in row {first}")
            validated.append(row)
        except RowError as error:
            findings.append(_refusal(raw.number, sku_of(raw), error))
    return validated, findings


def _changes(
    rows: list[FeedRow],
    pictures: Pictures,
    limits: ImageLimits,
    parallel: Callable[..., Iterable[PreparedPhoto | SketchfindError | None]],
) -> tuple[list[Change], int, list[Finding]]:
    """Return new or changed rows, the number of unchanged rows, and findings for rows with an unusable picture."""
    known = {
        product.sku: product
        for product in Product.objects.filter(sku__in=[row.sku for row in rows]).prefetch_related("photos")
    }
    todo: list[tuple[FeedRow, str, bytes | None]] = []  # the picture is None if the stored photo stays
    n_unchanged, findings = 0, []
    for row in rows:
        try:
            data = pictures.read(row.photo)
        except RowError as error:
            findings.append(_refusal(row.number, row.sku, error))
            continue
        sha256, product = sha256_of(data), known.get(row.sku)
        fingerprint = row.fingerprint(sha256, VERSION)
        if product and product.main_photo and product.fingerprint == fingerprint:
            n_unchanged += 1
        else:
            stored = product.main_photo.file.name if product and product.main_photo else None
            todo.append((row, fingerprint, None if stored == file_names(row.sku, sha256)[0] else data))

    def prepare(data: bytes | None) -> PreparedPhoto | SketchfindError | None:
        try:
            return photo_prepare(data, limits) if data is not None else None
        except SketchfindError as error:
            return error

    changes = []
    for (row, fingerprint, _), ready in zip(
        todo, parallel(prepare, [data for *_, data in todo]), strict=True
    ):
        if isinstance(ready, SketchfindError):
            findings.append(_refusal(row.number, row.sku, ready))
        else:
            changes.append(Change(row, fingerprint, ready, known.get(row.sku)))
    return changes, n_unchanged, findings


def _refusal(row: int, sku: str, error: SketchfindError) -> Finding:
    return Finding(row, sku, error.field[:80], error.message[:300], refused=True)
