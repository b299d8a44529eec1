"""A compared table as text and as CSV: ours beside the published figures, with intervals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.reproduce.published.table import Column, Table, Unit
from ml.reproduce.rows import Compared, Measure, Row

CSV_COLUMNS = (
    *(
        "table",
        "row",
        "recipe",
        "column",
        "metric",
        "code_length",
        "published",
        "ours",
        "ci95_low",
        "ci95_high",
    ),
    *(
        "sd",
        "t95_low",
        "t95_high",
        "seeds",
        "queries",
        "looks",
        "split",
        "dataset",
        "commit",
        "date",
        "result",
    ),
    *("state", "note"),
)
_FACTOR: Mapping[Unit, float] = {"percent": 100, "share": 1, "value": 1}
_DECIMALS: Mapping[Unit, int] = {"percent": 1, "share": 3, "value": 2}


def text_of(found: Compared) -> str:
    """Return a table for people. Each cell is the published figure, then ours with its 95 % interval."""
    table = found.table
    head = ["row", *(column.heading for column in table.columns), "seeds", "looks", "state"]
    lines = [head, *(_cells(row, table) for row in found.rows)]
    widths = [max(len(line[place]) for line in lines if place < len(line)) for place in range(len(head))]
    text = [table.title, *([table.note] if table.note else []), ""]
    text += [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)) for line in lines
    ]
    text += [
        "",
        "published | ours (95 % interval over queries); ± is the standard deviation of several seeds",
    ]
    return "\n".join(line.rstrip() for line in text)


def write_csv(path: Path, tables: Iterable[Compared]) -> None:
    """Write tables in long form: one line per row and column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, CSV_COLUMNS)
        writer.writeheader()
        for found in tables:
            writer.writerows(records_of(found))


def records_of(found: Compared) -> list[dict[str, Any]]:
    """Return one record per row and column that the paper or we have a figure for. Figures are in the table's unit."""
    return [
        _record(found.table, row, column, published)
        for row in found.rows
        for column, published in zip(found.table.columns, row.published, strict=True)
        if published is not None or row.measured(column, published) is not None
    ]


def _cells(row: Row, table: Table) -> list[str]:
    figures = [
        _figure(published, row.measured(column, published), column, table)
        for column, published in zip(table.columns, row.published, strict=True)
    ]
    if row.reason:
        return [row.name, *figures, "", "", f"not run: {row.reason}"]
    measures = list(row.measures.values())
    results = [measure.result for measure in measures if measure.result is not None]
    seeds = _range([len(result.get("seeds") or [0]) for result in results])
    looks = _range([len(result["looks"]) for result in results if result.get("looks")])
    states: dict[str, list[str]] = {}
    for measure in measures:
        commit = f" {measure.result['commit'][:7]}" if measure.result and measure.state.kind == "kept" else ""
        states.setdefault(f"{measure.state}{commit}", []).append(measure.name.partition("@")[2])
    named = [
        state if len(states) == 1 else f"{', '.join(bits)} bits {state}" for state, bits in states.items()
    ]
    return [row.name, *figures, seeds, looks, "; ".join(named)]


def _figure(published: float | None, measure: Measure | None, column: Column, table: Table) -> str:
    printed = "" if published is None else f"{published:g}"
    value = _value(measure, column)
    if value is None:
        return f"{printed} |" if printed else ""
    scale, decimals = _FACTOR[table.unit], _DECIMALS[table.unit]
    ours = f"{scale * value['value']:.{decimals}f}"
    if "sd" in value:
        ours += f" ± {scale * value['sd']:.{decimals}f}"
    if "ci95" in value:
        low, high = value["ci95"]
        ours += f" ({scale * low:.{decimals}f}–{scale * high:.{decimals}f})"
    return f"{printed} | {ours}".strip()


def _value(measure: Measure | None, column: Column) -> Mapping[str, Any] | None:
    """Return a measured metric as a mapping, a plain number without an interval."""
    if measure is None or measure.result is None:
        return None
    found = column.of(measure.result["metrics"])
    if found is None:
        return None
    return found if isinstance(found, Mapping) else {"value": found}


def _record(table: Table, row: Row, column: Column, published: float | None) -> dict[str, Any]:
    measure = row.measured(column, published)
    record: dict[str, Any] = {
        "table": table.name,
        "row": row.name,
        "column": column.heading,
        "metric": column.metric,
        "code_length": column.bits,
        "published": published,
        "state": f"not run: {row.reason}" if row.reason else str(measure.state) if measure else "",
        "note": table.note,
    }
    if measure is None:
        return record
    record |= {"recipe": measure.variant.recipe.name, "result": measure.variant.result}
    result, value = measure.result, _value(measure, column)
    if result is None:
        return record
    record |= {
        "seeds": len(result.get("seeds") or [0]),
        "queries": result["metrics"].get("n_queries"),
        "looks": len(result["looks"]) if result.get("looks") else None,
        **{key: result[key] for key in ("split", "dataset", "commit", "date")},
    }
    if value is not None:
        record |= {"ours": _scaled(value["value"], table), "sd": _scaled(value.get("sd"), table)}
        for name in ("ci95", "t95"):
            low, high = value.get(name, (None, None))
            record |= {f"{name}_low": _scaled(low, table), f"{name}_high": _scaled(high, table)}
    return record


def _scaled(value: float | None, table: Table) -> float | None:
    return None if value is None else round(_FACTOR[table.unit] * value, 4)


def _range(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}–{high}"
