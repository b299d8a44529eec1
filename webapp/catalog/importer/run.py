"""An import from beginning to end: counts, progress, findings."""

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
from webapp.catalog.importer.batches import Change, batch_stored, file_names
from webapp.catalog.importer.feed import RawRow
from webapp.catalog.importer.findings import FeedError, Finding, RowError
from webapp.catalog.importer.photos import VERSION, PreparedPhoto, photo_prepared, sha256_of
from webapp.catalog.importer.rows import FeedRow, row_checked, sku_of
from webapp.catalog.importer.sources import Pictures
from webapp.catalog.models import Product

BATCH_ROWS = 64  # a batch's pictures lie in memory together
MAX_REFUSED = 100_000


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Rows so far, by what became of them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.refused


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch has added: the counts so far, and the batch's findings."""

    counts: ImportCounts
    findings: list[Finding]


def feed_imported(
    rows: Iterable[RawRow], pictures: Pictures, *, limits: ImageLimits, dry_run: bool = False
) -> Iterator[Step]:
    """Imports the rows batch by batch, a step after each. Memory does not grow with the number of rows.

    Rows that change nothing are left alone, so an import that was cut off is simply run again. With `dry_run`
    everything is checked and nothing written.
    """
    counts = ImportCounts()
    rows = iter(rows)
    with _SeenSkus() as seen, ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        while batch := list(islice(rows, BATCH_ROWS)):
            checked, findings = _checked(batch, seen)
            changes, n_unchanged, refusals = _changes(checked, pictures, limits, pool.map)
            findings += refusals
            n_refused = len(findings)
            if changes and not dry_run:
                findings += batch_stored(changes)
            n_created = sum(change.product is None for change in changes)
            counts = replace(
                counts,
                created=counts.created + n_created,
                updated=counts.updated + len(changes) - n_created,
                unchanged=counts.unchanged + n_unchanged,
                refused=counts.refused + n_refused,
            )
            if counts.refused > MAX_REFUSED:
                raise FeedError("feed", f"more than {MAX_REFUSED} rows refused; is it a feed at all?")
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
        """The row that `sku` stood in first: `row` if it is new."""
        self.table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (sku, row))
        first: int = self.table.execute("SELECT row FROM seen WHERE sku = ?", (sku,)).fetchone()[0]
        return first


def _checked(batch: list[RawRow], seen: _SeenSkus) -> tuple[list[FeedRow], list[Finding]]:
    checked, findings = [], []
    for raw in batch:
        try:
            row = row_checked(raw)
            if (first := seen.row_of(row.sku, row.number)) != row.number:
                raise RowError("sku", f"stands in row {first} already")
            checked.append(row)
        except RowError as error:
            findings.append(_refusal(raw.number, sku_of(raw), error))
    return checked, findings


def _changes(
    rows: list[FeedRow],
    pictures: Pictures,
    limits: ImageLimits,
    parallel: Callable[..., Iterable[PreparedPhoto | SketchfindError | None]],
) -> tuple[list[Change], int, list[Finding]]:
    """What of the rows is new or changed, how many are as stored, and the rows whose picture is no use."""
    known = {
        product.sku: product
        for product in Product.objects.filter(sku__in=[row.sku for row in rows]).prefetch_related("photos")
    }
    todo: list[tuple[FeedRow, str, bytes | None]] = []  # a picture is None where the stored photo stays
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
            return photo_prepared(data, limits) if data is not None else None
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
