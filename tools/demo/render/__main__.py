"""`python -m tools.demo.render`: render the demo catalogue from the furniture models; resumable.

1. Every product of `data/curation.json` is rendered (photo, training views, strokes) unless it is already done. 2. The
tables are written: products.jsonl, categories.json, quickdraw-map.json, drawings.ndjson.gz, ATTRIBUTION.md. 3. With
--sheet, contact sheets are written to inspect the result.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .curation import Curation, read_curation
from .library import FURNITURE_FOLDER, Model, read_models
from .sheets import write_sheets
from .tables import write_tables
from .work import Task, render
from .workers import run_all

DATA = Path(__file__).resolve().parents[3] / "webapp" / "catalog" / "demo" / "data"
WORK = Path("var/demo-render")


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Return 1 if a product could not be rendered."""
    options = _parser().parse_args(arguments)
    console = Console()
    curation = read_curation(options.data / "curation.json")
    models = {model.sku: model for model in read_models(options.furniture)}
    tasks = _tasks(curation, models, options)
    wanted = [task for task in tasks if not options.only or task.product.sku in options.only]
    todo = [task for task in wanted if options.again or not task.done]
    console.print(f"{len(tasks)} products; {len(wanted) - len(todo)} of {len(wanted)} requested are done")
    failures = _render(todo, options.jobs, options.timeout, console)
    for sku, error in failures:
        console.print(f"[red]{sku}[/]: {error}")
    finished = [task for task in tasks if task.done]
    write_tables(finished, curation, options.data)
    console.print(f"{len(finished)} products written to {options.data}")
    if options.sheet:
        for path in write_sheets(finished, options.sheet):
            console.print(str(path))
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.demo.render", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", nargs="+", metavar="SKU", help="render only these products")
    parser.add_argument("--again", action="store_true", help="also render products that are done")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes, one core each (2)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds allowed per product (120)")
    parser.add_argument(
        "--sheet", type=Path, metavar="FOLDER", help="write contact sheets, one or more per category"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="the catalogue folder")
    parser.add_argument("--work", type=Path, default=WORK, help="intermediate records (var/demo-render)")
    parser.add_argument(
        "--furniture", type=Path, default=FURNITURE_FOLDER, help="folder of the .sh3f libraries"
    )
    return parser


def _tasks(curation: Curation, models: dict[str, Model], options: argparse.Namespace) -> list[Task]:
    for folder in (options.data / "photos", options.data / "views", options.work):
        folder.mkdir(parents=True, exist_ok=True)
    unknown = sorted(set(curation.products) - set(models))
    if unknown:
        raise SystemExit(f"curation.json: no such model: {', '.join(unknown)}")
    undecided = sorted(set(models) - set(curation.products) - set(curation.dropped))
    if undecided:
        raise SystemExit(f"curation.json: neither product nor dropped: {', '.join(undecided)}")
    return [
        Task(product, models[sku], options.data, options.work, options.furniture)
        for sku, product in sorted(curation.products.items())
    ]


def _render(todo: list[Task], jobs: int, timeout_s: float, console: Console) -> list[tuple[str, str]]:
    failures = []
    columns = (
        TextColumn("rendering"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(todo))
        for task, error in run_all(render, todo, jobs=jobs, timeout_s=timeout_s):
            progress.update(bar, advance=1, description=task.product.sku)
            if error:
                failures.append((task.product.sku, error))
    return failures


if __name__ == "__main__":
    sys.exit(main())
