"""An import from start to finish: counts, progress, findings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

import structlog

from ml.errors import SketchfindError, gettext_noop
from ml.images.decode import ImageLimits
from webapp.catalog.importer.batches import Change, batch_store
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.findings import FeedError, Finding, RowError
from webapp.catalog.importer.loading import Parallel, pictures_load
from webapp.catalog.importer.photos import VERSION
from webapp.catalog.importer.rows import FeedRow, row_validate, sku_of
from webapp.catalog.importer.seen import SeenSkus
from webapp.catalog.importer.sources import Pictures
from webapp.catalog.importer.withdrawal import missing_products, withdraw
from webapp.catalog.models import Product

log = structlog.get_logger(__name__)

BATCH_ROWS = 64  # what a batch stores is in memory together
MAX_REFUSED = 100_000


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """The number of rows so far, by outcome, and of products taken off sale because the feed lacks them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    withdrawn: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.refused


@dataclass(frozen=True, slots=True)
class Step:
    """The state after a batch: the counts so far, and the batch's findings."""

    counts: ImportCounts
    findings: list[Finding]


def feed_import(
    rows: Iterable[RawRow],
    pictures: Pictures,
    *,
    limits: ImageLimits,
    dry_run: bool = False,
    complete: bool = False,
    confirmed: int | None = None,
    catalog_import: UUID | None = None,
) -> Iterator[Step]:
    """Import the rows batch by batch and yield a step after each. Memory does not grow with the number of rows.

    Unchanged rows are skipped, so an interrupted import can simply be run again. With `dry_run`, everything is checked
    and nothing written. With `complete`, products that the feed lacks are taken off sale at the end: at most a fifth of
    those on sale, or the `confirmed` number. Pictures by URL are requested, not fetched; what becomes of them is reported
    to `catalog_import`.

    Raises FeedError, besides an unusable feed, if there is no row, if every row is refused, or if too many products
    would be taken off sale.
    """
    counts = ImportCounts()
    rows = iter(rows)
    first_refusal: Finding | None = None
    with SeenSkus() as seen, ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        while batch := list(islice(rows, BATCH_ROWS)):
            done = batch_import(
                batch,
                seen,
                pictures,
                limits=limits,
                dry_run=dry_run,
                catalog_import=catalog_import,
                parallel=pool.map,
            )
            first_refusal = first_refusal or next((each for each in done.findings if each.refused), None)
            counts = replace(
                counts,
                created=counts.created + len(done.created),
                updated=counts.updated + len(done.updated),
                unchanged=counts.unchanged + len(done.unchanged),
                refused=counts.refused + sum(finding.refused for finding in done.findings),
            )
            if counts.refused > MAX_REFUSED:
                raise FeedError(
                    "feed",
                    gettext_noop("more than {max} rows refused; check that this is a catalogue feed"),
                    max=MAX_REFUSED,
                )
            yield Step(counts, done.findings)
        if not counts.rows:
            raise FeedError("feed", gettext_noop("has no rows; export it again, with products"))
        if first_refusal and counts.refused == counts.rows:
            raise FeedError(
                "feed",
                gettext_noop("every row was refused, such as row {row}: {column}: {why}"),
                row=f"{first_refusal.row} {first_refusal.sku}".strip(),
                column=first_refusal.field,
                why=RowError(first_refusal.field, first_refusal.why, **first_refusal.values),
            )
        if complete:
            missing = missing_products(seen)
            n_withdrawn = len(missing) if dry_run else withdraw(missing, confirmed=confirmed)
            yield Step(replace(counts, withdrawn=n_withdrawn), [])


@dataclass(frozen=True, slots=True)
class Batch:
    """The numbers of a batch's rows by outcome, except of refused ones; `findings` by row, with the refusals."""

    created: frozenset[int]
    updated: frozenset[int]
    unchanged: frozenset[int]
    findings: list[Finding]


def batch_import(
    batch: list[RawRow],
    seen: SeenSkus,
    pictures: Pictures,
    *,
    limits: ImageLimits,
    dry_run: bool = False,
    catalog_import: UUID | None = None,
    parallel: Parallel = map,
) -> Batch:
    """Import a few rows: those that can be, completely or not at all."""
    validated, findings = _validate(batch, seen)
    changes, unchanged, noticed = _changes(validated, pictures, limits, parallel)
    findings += noticed
    refused = {finding.row for finding in findings if finding.refused}
    looked_at = [change for change in unchanged if change.has_urls]
    if (changes or looked_at) and not dry_run:
        findings += batch_store(changes, looked_at, catalog_import=catalog_import)
    findings += _notices(validated, refused)
    return Batch(
        created=frozenset(change.row.number for change in changes if change.product is None),
        updated=frozenset(change.row.number for change in changes if change.product),
        unchanged=frozenset(change.row.number for change in unchanged),
        findings=sorted(findings, key=lambda finding: finding.row),
    )


def _validate(batch: list[RawRow], seen: SeenSkus) -> tuple[list[FeedRow], list[Finding]]:
    validated, findings = [], []
    for raw in batch:
        try:
            row = _row(raw)
            if (first := seen.row_of(row.sku, row.number)) != row.number:
                raise RowError("sku", gettext_noop("is already in row {first}"), first=first)
            validated.append(row)
        except RowError as error:
            if sku := sku_of(raw):
                seen.row_of(sku, raw.number)  # a refused row does not take its product off sale
            findings.append(_finding(raw.number, sku, error, raw.columns))
    return validated, findings


def _row(raw: RawRow) -> FeedRow:
    """Return the validated row. Raises RowError, also for what nobody has thought of: it costs a row, not the import."""
    try:
        return row_validate(raw)
    except SketchfindError:
        raise
    except Exception as error:
        log.exception("row_failed", row=raw.number)
        raise RowError("row", gettext_noop("cannot be read; the error is in the server's log")) from error


def _changes(
    rows: list[FeedRow], pictures: Pictures, limits: ImageLimits, parallel: Parallel
) -> tuple[list[Change], list[Change], list[Finding]]:
    """Return new or changed rows, unchanged rows, and findings: rows that lack something, and unusable pictures."""
    known = {
        product.sku: product
        for product in Product.objects.filter(sku__in=[row.sku for row in rows])
        .select_related("category")
        .prefetch_related("photos")
    }
    changes: list[Change] = []
    unchanged: list[Change] = []
    whole: list[FeedRow] = []
    findings: list[Finding] = []
    for given in rows:
        product = known.get(given.sku)
        try:
            whole.append(given.over(product) if product else _complete(given))
        except RowError as error:
            findings.append(_finding(given.number, given.sku, error, given.columns))
    for row, loaded in zip(whole, pictures_load(whole, known, pictures, limits, parallel), strict=True):
        product = known.get(row.sku)
        refused = bool(loaded.errors) and not loaded.pictures
        errors = loaded.errors[:1] if refused else loaded.errors
        findings += [_finding(row.number, row.sku, each, row.columns, refused=refused) for each in errors]
        if refused:
            continue
        fingerprint = row.fingerprint(loaded.identity, VERSION)
        change = Change(row, fingerprint, loaded.pictures if row.images else None, product)
        same = product is not None and product.fingerprint == fingerprint and loaded.all_stored
        (unchanged if same else changes).append(change)
    return changes, unchanged, findings


def _complete(row: FeedRow) -> FeedRow:
    """Return the row of a new product. Raises RowError if it lacks what every product has."""
    for name in ("name", "category", "images"):
        if not getattr(row, name):
            raise RowError(name, gettext_noop("missing; a new product needs one"))
    return row


def _notices(rows: list[FeedRow], refused: set[int]) -> list[Finding]:
    """Return the warnings of rows that were not refused."""
    return [
        Finding.of(error, row=row.number, sku=row.sku, column=row.column(error.field), refused=False)
        for row in rows
        if row.number not in refused
        for error in row.warnings
    ]


def _finding(
    row: int, sku: str, error: SketchfindError, columns: Mapping[str, str], *, refused: bool = True
) -> Finding:
    return Finding.of(error, row=row, sku=sku, column=columns.get(error.field, error.field), refused=refused)
