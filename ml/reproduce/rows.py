"""The rows of a table: published figures, the variants that measure them, and our results, or why there are none."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ml.errors import ConfigError
from ml.reproduce.published.papers import TABLES
from ml.reproduce.published.table import Column, Table
from ml.reproduce.recipe import Recipes, Variant
from ml.reproduce.state import State, state_of

Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Measure:
    """A variant of a row: how it is named in the table, what is run for it, its result file and its state."""

    name: str
    variant: Variant
    result: Mapping[str, Any] | None
    state: State


@dataclass(frozen=True)
class Row:
    """One row of a table. published: None for each figure that the paper lacks. reason: why nothing measures it."""

    name: str
    published: tuple[float | None, ...]
    measures: Mapping[int | None, Measure] = field(default_factory=dict)
    reason: str = ""

    def measured(self, column: Column, published: float | None) -> Measure | None:
        """Return what measures a column: the variant of its code length, or the only one.

        A published row measures only what the paper printed for it.
        """
        if published is None and any(figure is not None for figure in self.published):
            return None
        if column.bits is not None:
            return self.measures.get(column.bits, self._of_length(column.bits))
        return next(iter(self.measures.values()), None)

    def _of_length(self, bits: int) -> Measure | None:
        """Return the measure of a recipe that lists no code lengths, if its result has this one."""
        only = self.measures.get(None)
        length = None if only is None or only.result is None else only.result["metrics"].get("code_length")
        return only if length == bits else None


@dataclass(frozen=True)
class Compared:
    """A table with its rows."""

    table: Table
    rows: tuple[Row, ...]


def find_tables(names: Sequence[str], recipes: Recipes) -> list[str]:
    """Return the tables that names mean: tables, papers or "all". Raises ConfigError suggesting the nearest name."""
    known = [*TABLES, *(name for name in recipes.tables() if name not in TABLES)]
    found: list[str] = []
    for name in names:
        meant = [table for table in known if name in (table, table.partition("/")[0], "all")]
        if not meant:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
            raise ConfigError("TABLE", f"{name!r} is unknown; {hint} --list shows all")
        found += meant
    return list(dict.fromkeys(found))


def compared(name: str, recipes: Recipes, results: Results, *, seeds: int = 1) -> Compared:
    """Return a table with all published rows, in the paper's order, then the rows that only we have."""
    table = TABLES.get(name) or _own_table(name, recipes)
    measures: dict[str, dict[int | None, Measure]] = {}
    for recipe in recipes.of(name):
        for variant in recipe.variants():
            run = recipes.resolved(variant)
            if not run.recipe.result:
                continue  # only a start for others
            result = results.get(run.result)
            state = state_of(run, result, seeds=seeds)
            if state.kind == "kept" and (lacking := _lacking(table, variant, result)):
                state = State("stale", f"measured without {', '.join(lacking)}")
            measure = Measure(variant.name, run, result, state)
            measures.setdefault(variant.row or recipe.stem, {})[variant.bits] = measure
    reasons = recipes.reasons.get(name, {})
    rows = []
    for row, figures in table.rows.items():
        found = measures.pop(row, {})
        reason = "" if found else reasons.get(row, "no recipe yet")
        rows.append(Row(row, figures, found, reason))
    nothing = (None,) * len(table.columns)
    rows += [Row(row, nothing, found) for row, found in measures.items()]
    return Compared(table, tuple(rows))


def only(table: Compared, names: Sequence[str]) -> Compared:
    """Return a table with the rows that are named by recipe, such as `shoes-gdh`, by variant, or by the paper's row.

    Raises ConfigError on a name without a recipe.
    """
    if not names:
        return table
    rows = []
    for row in table.rows:
        chosen = {
            bits: measure
            for bits, measure in row.measures.items()
            if {row.name, measure.name, measure.name.partition("@")[0]} & set(names)
        }
        if chosen:
            rows.append(Row(row.name, row.published, chosen))
    matched = {row.name for row in rows} | {
        name
        for row in rows
        for measure in row.measures.values()
        for name in (measure.name, measure.name.partition("@")[0])
    }
    if missing := [name for name in names if name not in matched]:
        listed = sorted({measure.name for row in table.rows for measure in row.measures.values()})
        raise ConfigError("--only", f"{missing[0]!r} is no recipe of {table.table.name}: {', '.join(listed)}")
    return Compared(table.table, tuple(rows))


def _lacking(table: Table, variant: Variant, result: Mapping[str, Any] | None) -> list[str]:
    """Return the metrics that the paper prints for a row and an older result file lacks."""
    if not result:
        return []
    figures = table.rows.get(variant.row, ())
    return sorted(
        {
            column.metric
            for column, figure in zip(table.columns, figures, strict=False)
            if figure is not None
            and column.bits in (None, variant.bits)
            and column.of(result["metrics"]) is None
        }
    )


def _own_table(name: str, recipes: Recipes) -> Table:
    """Return a table without published figures, with the columns of fine-grained retrieval, or of hash codes."""
    bits = sorted({bits for recipe in recipes.of(name) for bits in recipe.bits})
    columns = (
        tuple(Column(f"MAP {length}", "mAP", length) for length in bits)
        if bits
        else (Column("acc@1", "acc@1"), Column("acc@10", "acc@10"), Column("%corr", "%corr"))
    )
    return Table(name=name, title=f"{name}: ours", columns=columns, rows={})
