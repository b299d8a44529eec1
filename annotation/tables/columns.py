"""Columns of exported tables. One definition gives the value, its type in every format, and its line in the codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

Type = Literal["text", "integer", "number", "boolean", "time", "json"]
Row = Mapping[str, Any]

ARROW: dict[Type, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("ms", "UTC"),
    "json": pa.string(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column. read: its value in a row, None if there is none. values: the meaning of each value, if they are listed.

    unit: of a number, or how a value is written.
    """

    name: str
    type: Type
    meaning: str
    read: Callable[[Row], Any]
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Return the schema of a Parquet file; meanings and units are in the fields' metadata."""
    return pa.schema(
        pa.field(
            column.name, ARROW[column.type], metadata={"meaning": column.meaning, "unit": unit_of(column)}
        )
        for column in columns
    )


def unit_of(column: Column) -> str:
    """Return a column's unit, or how its values are written."""
    written = {"time": "UTC, ISO 8601", "boolean": "true, false"}
    return column.unit or written.get(column.type, "")
