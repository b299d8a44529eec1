"""A whole study in one zip: data sheet, codebook, votes and drawings, written as a stream."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator

from annotation.exports.datasheet import datasheet
from annotation.exports.drawings import drawing_columns, drawings_ndjson
from annotation.exports.votes.columns import vote_columns
from annotation.exports.votes.rows import vote_batches
from annotation.models import Campaign, Kind
from annotation.tables.codebook import codebook_csv, codebook_markdown
from annotation.tables.writers import TABLES, Sink, TableFormat

_TAKEN_BYTES = 256_000


def codebook(campaign: Campaign) -> str:
    """Return the codebook of the campaign's files in Markdown."""
    text = (
        f"# {campaign.title}: codebook\n\n## Votes\n\nOne row per vote, also for those that do not count.\n\n"
    )
    text += codebook_markdown(vote_columns(campaign))
    if campaign.kind == Kind.SKETCHES:
        text += "\n## Drawings\n\nOne line per drawing, as in QuickDraw's raw format, with these keys.\n\n"
        text += codebook_markdown(drawing_columns(campaign))
    return text


def study_zip(campaign: Campaign, format: TableFormat) -> Iterator[bytes]:
    """Yield a zip of everything that is exported of a campaign, the votes in `format`."""
    columns, sink = vote_columns(campaign), Sink()
    files: list[tuple[str, Iterable[bytes]]] = [
        ("datasheet.md", [datasheet(campaign).encode()]),
        ("codebook.md", [codebook(campaign).encode()]),
        ("codebook.csv", [codebook_csv(columns).encode()]),
        (f"votes.{format}", TABLES[format][1](columns, vote_batches(campaign))),
    ]
    if campaign.kind == Kind.SKETCHES:
        files.append(("drawings.ndjson", drawings_ndjson(campaign)))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in files:
            with archive.open(name, "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part)
                    if sink.n_bytes > _TAKEN_BYTES:
                        yield sink.take()
    yield sink.take()
