"""An import from local files with a progress bar, shared by the commands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from webapp.catalog.importer.feed import feed_rows
from webapp.catalog.importer.findings import FeedError, Finding
from webapp.catalog.importer.report import Report
from webapp.catalog.importer.run import ImportCounts, feed_import
from webapp.catalog.importer.sources import FolderPictures, NoPictures, Pictures, ZipPictures
from webapp.catalog.services import categories_read, categories_update, image_limits
from webapp.catalog.words.services import fits_refresh

SHOWN_FINDINGS = 10


def local_import(
    *, feed: Path, images: Path | None, report: Path | None = None, dry_run: bool = False, console: Console
) -> ImportCounts:
    """Import the file `feed`, and the names in `categories.json` if that file lies beside it.

    Shows progress, the first findings and the counts on `console`; writes all findings to `report`.
    Raises FeedError if the feed or its pictures are unusable.
    """
    counts, shown = ImportCounts(), 0
    names = feed.parent / "categories.json"
    if names.is_symlink():
        raise FeedError(names.name, "is a link; copy the file itself beside the feed")
    if names.is_file() and not dry_run:
        categories_update(names=categories_read(names))
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(feed.open("rb"))
            findings_csv = Report(stack.enter_context(report.open("w", newline=""))) if report else None
        except OSError as error:
            raise FeedError(str(error.filename), error.strerror or "cannot be opened") from error
        pictures = stack.enter_context(_pictures(images))
        progress = stack.enter_context(_progress(console))
        task = progress.add_task(feed.name, total=feed.stat().st_size, note="")
        for step in feed_import(
            feed_rows(stream, feed.name), pictures, limits=image_limits(), dry_run=dry_run
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
        f"{counts.refused} refused" + (" (dry run)" if dry_run else ""),
        highlight=False,
    )
    return counts


@contextlib.contextmanager
def _pictures(images: Path | None) -> Iterator[Pictures]:
    if images is None:
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
        f"row {finding.row} {finding.sku} {outcome}: {finding.field}: {finding.why}",
        highlight=False,
        markup=False,
    )
