"""Run or re-run the rows of tables, resumably, and compare them with the published figures."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.errors import SketchfindError
from ml.reports.results import read_results, require_traceable
from ml.reproduce.published.papers import TABLES
from ml.reproduce.recipe import Recipe, Recipes, Variant
from ml.reproduce.rows import Compared, compared, find_tables, only
from ml.reproduce.running import Options, Runner


def reproduce(
    names: Sequence[str],
    recipes: Recipes,
    options: Options,
    *,
    rows: Sequence[str] = (),
    dry_run: bool = False,
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> tuple[list[Compared], dict[str, str]]:
    """Run the rows of tables whose result files are missing or stale, and return the tables and the errors by recipe.

    names: tables, papers or "all". rows: only these. dry_run: run nothing. An error in one row does not stop the others;
    rows whose data is not there are left out.
    Raises ConfigError on an unknown name, or if rows are to be run while `ml` has uncommitted changes.
    """
    tables = find_tables(names, recipes)

    def read() -> list[Compared]:
        results = read_results(options.results) if options.results.exists() else {}
        return [
            _chosen(compared(table, recipes, results, seeds=options.seeds), rows, len(tables))
            for table in tables
        ]

    before = read()
    todo = _todo(before, options)
    if todo and not dry_run and not options.untracked:
        require_traceable(options.results / f"{todo[0].result}.json")
    runner, failed = Runner(recipes, options), dict[str, str]()
    for place, variant in enumerate(todo, start=1):
        name = f"{variant.recipe.table} {variant.name}"
        say(f"{'would run ' if dry_run else ''}{place} of {len(todo)}: {name}")
        if dry_run:
            continue
        if missing := missing_data(variant.recipe):
            say(f"{name}: left out, there is no {missing}")
            continue
        try:
            runner.run(variant)
        except SketchfindError as error:
            say(f"{name}: {error}")
            failed[name] = str(error)
    return (before if dry_run else read()), failed


def missing_data(recipe: Recipe) -> Path | None:
    """Return the dataset's folder or archive if it is not there; None also if the environment does not say where."""
    for root in os.path.expandvars(recipe.root).split(","):
        path = Path(root)
        archive = next((part for part in (path, *path.parents) if part.suffix == ".zip"), path)
        if "$" not in str(archive) and not archive.exists():
            return archive
    return None


def listed(recipes: Recipes, results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return every table with the number of rows that are run, and of those without a recipe."""
    tables = {}
    for name in find_tables(["all"], recipes):
        found = compared(name, recipes, results)
        measures = [measure for row in found.rows for measure in row.measures.values()]
        kinds = [measure.state.kind for measure in measures]
        tables[name] = {
            "title": found.table.title,
            "rows": len(found.rows),
            "published": len(TABLES[name].rows) if name in TABLES else 0,
            "without_recipe": sum(bool(row.reason) for row in found.rows),
            "measurements": len(measures),
            **{kind: kinds.count(kind) for kind in ("kept", "stale", "missing")},
        }
    return tables


def _todo(tables: Sequence[Compared], options: Options) -> list[Variant]:
    """Return the variants to run, each once, in the tables' order."""
    found: dict[tuple[str, str], Variant] = {}
    for table in tables:
        for row in table.rows:
            for measure in row.measures.values():
                if options.again or measure.state.kind != "kept":
                    found.setdefault((measure.variant.recipe.name, measure.variant.name), measure.variant)
    return list(found.values())


def _chosen(table: Compared, rows: Sequence[str], n_tables: int) -> Compared:
    """Return the chosen rows; of several tables, those that have them."""
    try:
        return only(table, rows)
    except SketchfindError:
        if n_tables == 1:
            raise
        return Compared(table.table, ())
