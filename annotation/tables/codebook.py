"""Codebooks: what each column of a table contains, from the same definitions as the table itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Literal

import orjson

from annotation.tables.columns import Column, unit_of

CodebookFormat = Literal["md", "csv", "json"]


def codebook_markdown(columns: Sequence[Column]) -> str:
    """Return the codebook as a Markdown table."""
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    for column in columns:
        values = "; ".join(
            f"`{value}`" if value == meaning else f"`{value}`: {meaning}"
            for value, meaning in column.values.items()
        )
        text = f"{column.meaning}: {values}" if values else column.meaning
        cells = (f"`{column.name}`", column.type, unit_of(column), text)
        lines.append("| " + " | ".join(_in_a_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _in_a_cell(text: str) -> str:
    """Return text, such as an attribute's name, without what would end its cell."""
    return " ".join(text.replace("|", r"\|").split())


def codebook_csv(columns: Sequence[Column]) -> str:
    """Return the codebook as CSV: one line per column, and one per value of a column whose values are listed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["column", "type", "unit", "value", "meaning"])
    for column in columns:
        writer.writerow([column.name, column.type, unit_of(column), "", column.meaning])
        for value, meaning in column.values.items():
            writer.writerow([column.name, "", "", value, meaning])
    return text.getvalue()


def codebook_json(columns: Sequence[Column]) -> str:
    """Return the codebook as a JSON list."""
    rows = [
        {
            "column": column.name,
            "type": column.type,
            "unit": unit_of(column),
            "meaning": column.meaning,
            "values": dict(column.values),
        }
        for column in columns
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n"


CODEBOOKS: dict[CodebookFormat, tuple[str, Callable[[Sequence[Column]], str]]] = {
    "md": ("text/markdown; charset=utf-8", codebook_markdown),
    "csv": ("text/csv; charset=utf-8", codebook_csv),
    "json": ("application/json", codebook_json),
}
