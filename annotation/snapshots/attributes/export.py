"""Exports of an attribute table: its rows as CSV, JSONL or Parquet, or the whole folder as a zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

from rest_framework.exceptions import NotFound

from annotation.models import AttributeTable
from annotation.selectors.attribute_tables import ATTRIBUTES, MANIFEST, VOTES, table_folder, table_rows
from annotation.tables.columns import Column
from annotation.tables.writers import TABLES, Batches, Sink

AttributeFormat = Literal["csv", "jsonl", "parquet", "zip"]
_BATCH = 5_000
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can store


def _column(
    name: str, type: Any, meaning: str, unit: str = "", values: dict[str, str] | None = None
) -> Column:
    return Column(name, type, meaning, lambda row: row[name], unit, values or {})


COLUMNS = (
    _column("product", "text", "SKU of the product; empty for a sketch"),
    _column("sketch", "text", "key of the sketch; empty for a product"),
    _column("attribute", "text", "slug of the attribute"),
    _column("outcome", "text", "what the aggregation says", "",
            {"yes": "has it", "no": "does not have it", "tie": "as many yes as no, or neither"}),
    _column("probability", "number", "that it has the attribute, by Dawid-Skene; empty for majority", "0 to 1"),
    _column("yes", "integer", "counted answers that say yes", "answers"),
    _column("no", "integer", "counted answers that say no", "answers"),
    _column("cant_tell", "integer", "counted answers that can't tell", "answers"),
    _column("settled", "boolean", "whether all answers were in; others are only in tables that were to include them"),
)  # fmt: skip


def attributes_export(table: AttributeTable, format: AttributeFormat) -> tuple[str, Iterator[bytes]]:
    """Return the content type and the bytes of a table in one of the formats. The same table gives the same bytes.

    Raises NotFound if its files are missing.
    """
    try:
        folder = table_folder(table)  # now, so that a missing file is an error and not a broken download
    except FileNotFoundError as error:
        raise NotFound("The files of this attribute table are missing from the storage.") from error
    if format != "zip":
        content_type, written = TABLES[format]
        return content_type, written(COLUMNS, _batches(table))
    sink = Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in (MANIFEST, ATTRIBUTES, VOTES):
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            archive.writestr(info, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return "application/zip", iter([sink.take()])


def _batches(table: AttributeTable) -> Batches:
    rows = table_rows(table)
    while batch := list(islice(rows, _BATCH)):
        yield batch
