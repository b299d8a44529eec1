"""Tables as CSV, JSONL or Parquet, written in batches, so that a table of any length takes the memory of one batch."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from annotation.tables.columns import Column, Row, schema_of

TableFormat = Literal["csv", "jsonl", "parquet"]
Batches = Iterable[Sequence[Row]]


class Sink(io.RawIOBase):
    """A file that can only be written to and hands out what was written since the last time."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    @property
    def n_bytes(self) -> int:
        """Bytes written since the last `take`."""
        return sum(map(len, self._parts))

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def table_csv(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Yield CSV with a header. Nothing is an empty field; JSON is in one field."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    for batch in batches:
        writer.writerows([_cell(column, row) for column in columns] for row in batch)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def table_jsonl(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Yield one JSON object per line; nothing is null."""
    for batch in batches:
        yield b"".join(
            orjson.dumps({column.name: _plain(column, row) for column in columns}) + b"\n" for row in batch
        )


def table_parquet(columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """Yield a Parquet file, one row group per batch. JSON columns are text."""
    schema, sink = schema_of(columns), Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema) as writer:
        for batch in batches:
            cells = [[_arrow(column, row) for row in batch] for column in columns]
            arrays = [pa.array(cell, kind) for cell, kind in zip(cells, schema.types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield sink.take()
    yield sink.take()


TABLES: dict[TableFormat, tuple[str, Callable[[Sequence[Column], Batches], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", table_csv),
    "jsonl": ("application/x-ndjson", table_jsonl),
    "parquet": ("application/vnd.apache.parquet", table_parquet),
}


def moment(value: datetime) -> str:
    """Return a time in UTC as in every text format, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(column: Column, row: Row) -> Any:
    value = column.read(row)
    return moment(value) if isinstance(value, datetime) else value


def _cell(column: Column, row: Row) -> Any:
    value = _plain(column, row)
    if value is None:
        return ""
    if column.type == "json":
        return orjson.dumps(value).decode()
    return str(value).lower() if isinstance(value, bool) else value


def _arrow(column: Column, row: Row) -> Any:
    value = column.read(row)
    return orjson.dumps(value).decode() if column.type == "json" and value is not None else value
