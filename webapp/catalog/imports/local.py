"""An import from local files with a progress bar, shared by the commands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import storages
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from webapp.catalog.importer.feeds.layouts import TABLE
from webapp.catalog.importer.feeds.mapping import mapping_read, mapping_toml, with_constants
from webapp.catalog.importer.findings import FeedError, Finding
from webapp.catalog.importer.report import Report
from webapp.catalog.importer.run import ImportCounts, feed_import
from webapp.catalog.importer.sources import FolderPictures, NoPictures, Pictures, ZipPictures
from webapp.catalog.importer.stored import StoredPictures
from webapp.catalog.mappings import MappedFeed, feed_mapped
from webapp.catalog.models import RemotePicture
from webapp.catalog.services import categories_read, categories_update, image_limits
from webapp.catalog.words.services import fits_refresh

SHOWN_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class LocalFeed:
    """A feed on this machine: its columns as recognised, unless the TOML file `mapping` says otherwise.

    `constants` are fields of rows that leave them empty; products that the feed lacks are taken off sale if it is
    `complete`: a fifth of those on sale, or the `confirmed` number.
    """

    path: Path
    mapping: Path | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    confirmed: int | None = None

    def open(self, stream: IO[bytes]) -> MappedFeed:
        mapped = feed_mapped(stream, self.path.name, mapping_read(self.mapping) if self.mapping else None)
        return replace(mapped, mapping=with_constants(mapped.mapping, self.constants))


def mapping_shown(source: LocalFeed) -> str:
    """Return what the columns of a feed are taken for, as TOML. Raises FeedError."""
    with _opened(source.path) as stream:
        return mapping_toml(source.open(stream).mapping)


def local_import(
    *,
    source: LocalFeed,
    images: Path | None,
    images_folder: str = "",
    report: Path | None = None,
    dry_run: bool = False,
    console: Console,
) -> ImportCounts:
    """Import a feed, and the names in `categories.json` if that file lies beside it.

    images_folder: folder of the pictures in the site's private store, instead of `images`. Shows progress, the first
    findings and the counts on `console`; writes all findings to `report`.
    Raises FeedError if the feed or its pictures are unusable.
    """
    feed = source.path
    counts, shown = ImportCounts(), 0
    names = feed.parent / "categories.json"
    if names.is_symlink():
        raise FeedError(names.name, "is a link; copy the file itself beside the feed")
    if names.is_file() and not dry_run:
        categories_update(names=categories_read(names))
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(_opened(feed))
        try:
            findings_csv = Report(stack.enter_context(report.open("w", newline=""))) if report else None
        except OSError as error:
            raise FeedError(str(error.filename), error.strerror or "cannot be opened") from error
        mapped = source.open(stream)
        _show_mapping(console, mapped)
        pictures = stack.enter_context(_pictures(images, images_folder))
        progress = stack.enter_context(_progress(console))
        task = progress.add_task(feed.name, total=feed.stat().st_size, note="")
        for step in feed_import(
            mapped.rows(),
            pictures,
            limits=image_limits(),
            dry_run=dry_run,
            complete=source.complete,
            confirmed=source.confirmed,
        ):
            counts = step.counts
            if findings_csv:
                findings_csv.add(step.findings)
            for finding in step.findings[: max(0, SHOWN_FINDINGS - shown)]:
                _show(progress.console, finding)
            shown += len(step.findings)
            progress.update(task, completed=stream.tell(), note=f"{counts.rows} rows")
        progress.update(task, completed=feed.stat().st_size, note=f"{counts.rows} rows")
    fits_refresh()  # of products whose category has another name now
    if shown > SHOWN_FINDINGS:
        where = f"see {report}" if report else "--report FILE writes all of them"
        console.print(f"{shown - SHOWN_FINDINGS} more findings; {where}", highlight=False)
    console.print(
        f"{counts.created} created, {counts.updated} updated, {counts.unchanged} unchanged, "
        f"{counts.refused} refused"
        + (f", {counts.withdrawn} taken off sale" if source.complete else "")
        + (" (dry run)" if dry_run else ""),
        highlight=False,
    )
    waiting = RemotePicture.objects.filter(status=RemotePicture.Status.WAITING).count()
    if waiting and not dry_run:
        console.print(f"{waiting} pictures wait for a worker to fetch them", highlight=False)
    return counts


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise FeedError(str(error.filename), error.strerror or "cannot be opened") from error


def _show_mapping(console: Console, mapped: MappedFeed) -> None:
    """Name an encoding before Unicode, a layout that was recognised, and the columns that are not imported."""
    ignored = mapped.mapping.ignored()
    encoding = mapped.feed.encoding
    if encoding and encoding.is_legacy:
        guessed = "" if encoding.is_sure else " (a guess: the feed has few words)"
        console.print(f"encoding: {encoding.codec}{guessed}", highlight=False)
    if mapped.mapping.layout is not TABLE:
        console.print(f"layout: {mapped.mapping.layout.title}", highlight=False)
    if ignored:
        names = ", ".join(ignored[:8]) + (f" and {len(ignored) - 8} more" if len(ignored) > 8 else "")
        console.print(f"not imported: {names}", highlight=False, markup=False)


@contextlib.contextmanager
def _pictures(images: Path | None, images_folder: str) -> Iterator[Pictures]:
    if images_folder:
        yield StoredPictures(storages["private"], images_folder, settings.IMAGE_MAX_BYTES)
    elif images is None:
        yield NoPictures()
    elif images.is_dir():
        yield FolderPictures(images, settings.IMAGE_MAX_BYTES)
    else:
        try:
            file = images.open("rb")
        except OSError as error:
            raise FeedError("--images", f"{images}: {error.strerror}") from error
        with file:
            yield ZipPictures(file, settings.IMAGE_MAX_BYTES)


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


def _show(console: Console, finding: Finding) -> None:
    outcome = "refused" if finding.refused else "noticed"
    console.print(
        f"row {finding.row} {finding.sku} {outcome}: {finding.field}: {finding.text}",
        highlight=False,
        markup=False,
    )
