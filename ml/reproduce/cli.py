"""The commands `train` and `reproduce` of `python -m ml`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml.command import command_line
from ml.errors import ConfigError
from ml.reproduce.recipe import FOLDER as RECIPES

RUNS = Path("runs/recipes")


def add_train(commands: Any) -> argparse.ArgumentParser:
    """Add the command `train`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "train",
        help="train a system, by options, a recipe or a result; resumes an interrupted run; SIGTERM saves and stops",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--config", type=Path, metavar="RECIPE", help="a recipe, such as one of ml/recipes")
    source.add_argument(
        "--from",
        type=Path,
        dest="result_file",
        metavar="RESULT",
        help="a result file, whose training is run again",
    )
    parser.add_argument("--system", help="a name that `options` lists")
    parser.add_argument("--format", help="layout of the dataset")
    parser.add_argument(
        "--root",
        type=Path,
        help="folder of the dataset, a zip, or PACK.zip/folder/inside; default: the recipe's",
    )
    parser.add_argument(
        "--unseen-file",
        type=Path,
        help="with zero-shot formats: file of the categories to test on, one per line",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the run and, when it ends, the model"
    )
    parser.add_argument(
        "--profile", help="a profile of the system that `options` lists; default: cpu, or the recipe's"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="key=value", help="override one setting"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="N",
        help="train N times, with consecutive seeds, into OUT/seed-0 and so on; `evaluate --model OUT` combines them",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        default=RUNS,
        help="where the runs lie that a recipe starts from; default: %(default)s",
    )
    parser.set_defaults(command=_train)
    return parser


def add_reproduce(commands: Any) -> argparse.ArgumentParser:
    """Add the command `reproduce`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "reproduce",
        help="run the rows of published tables by their recipes, and print ours beside the published figures",
    )
    parser.add_argument(
        "tables", nargs="*", metavar="TABLE", help="such as sketch-me-that-shoe/table-1, gdh, or all"
    )
    parser.add_argument("--list", action="store_true", help="list the tables")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ROW", help="rows by recipe or by name, such as shoes-gdh@32"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="run nothing: compare what there is, name what is not"
    )
    parser.add_argument(
        "--again", action="store_true", help="also run rows that are kept, and train them anew"
    )
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="train each row N times, with consecutive seeds"
    )
    parser.add_argument(
        "--untracked",
        action="store_true",
        help="write results although ml has uncommitted changes, marked as such",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write the comparison to this file")
    parser.add_argument(
        "--curves",
        type=Path,
        metavar="FOLDER",
        help="also draw precision-recall curves of hash codes there, one picture per code length",
    )
    parser.add_argument(
        "--runs", type=Path, default=RUNS, help="folder of the trainings; default: %(default)s"
    )
    parser.add_argument("--results", type=Path, help="folder of the result files; default: ml/results")
    parser.add_argument(
        "--recipes", type=Path, default=RECIPES, help="folder of the recipes; default: ml/recipes"
    )
    parser.set_defaults(command=_reproduce)
    return parser


def _train(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml.reproduce.recipe import Recipes
    from ml.reproduce.running import Options, Runner
    from ml.reproduce.training import train
    from ml.training.watch import stops_on_sigterm

    training = _training(options)
    located = Runner(Recipes(), Options(runs=options.runs)).located if options.config else None
    with stops_on_sigterm():
        return train(
            training,
            out=options.out,
            command=command_line(sys.argv[1:]),
            seeds=options.seeds,
            located=located,
        )


def _training(options: argparse.Namespace) -> Any:
    """Return what the options describe: a recipe's training, a result's, or that of plain options."""
    from ml.reproduce.training import Training, of_recipe, of_result

    if options.config is None and options.result_file is None:
        for name in ("system", "format", "root"):
            if getattr(options, name) is None:
                raise ConfigError(f"--{name}", "missing; or name a recipe by --config, or a result by --from")
        return Training(
            options.system,
            options.format,
            str(options.root),
            options.profile or "cpu",
            tuple(options.set),
            unseen_file=str(options.unseen_file or ""),
        )
    source = "--config" if options.config else "--from"
    for name in ("system", "format"):
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name}", f"is given by {source}; leave it out")
    found = of_recipe(options.config) if options.config else of_result(options.result_file)
    if options.root is not None:
        found = replace(found, root=str(options.root))
    if options.unseen_file is not None:
        found = replace(found, unseen_file=str(options.unseen_file))
    if options.profile is not None:
        found = replace(found, profile=options.profile)
        found = found.noted(f"profile={options.profile}")
    return found.changed(options.set)


def _reproduce(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml.reports.results import FOLDER, read_results
    from ml.reproduce.recipe import Recipes
    from ml.reproduce.report import records_of, text_of, write_csv
    from ml.reproduce.running import Options
    from ml.reproduce.tables import listed, reproduce
    from ml.training.watch import stops_on_sigterm

    if not options.recipes.is_dir():
        raise ConfigError("--recipes", f"{options.recipes} is no folder")
    if options.seeds < 1:
        raise ConfigError("--seeds", f"{options.seeds}, must be at least 1")
    recipes, results = Recipes(options.recipes), options.results or FOLDER
    if options.list:
        tables = listed(recipes, read_results(results) if results.exists() else {})
        if options.json:
            return {"tables": tables}
        for name, counts in tables.items():
            title = counts.pop("title")
            print(f"{name}: {title}")
            print("    " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in counts.items()))
        return {}
    if not options.tables:
        raise ConfigError("TABLE", "missing; --list shows all tables")
    settings = Options(
        seeds=options.seeds,
        again=options.again,
        untracked=options.untracked,
        runs=options.runs,
        results=results,
    )
    with stops_on_sigterm():
        tables_found, failed = reproduce(
            options.tables, recipes, settings, rows=options.only, dry_run=options.dry_run
        )
    if options.csv is not None:
        write_csv(options.csv, tables_found)
    if options.curves is not None:
        from ml.reproduce.curves import write_curves

        write_curves(options.curves, tables_found)
    if options.json:
        records = [record for table in tables_found for record in records_of(table)]
        return {"rows": records, "failed": failed, "ok": not failed}
    print("\n\n".join(text_of(table) for table in tables_found if table.rows))
    return {"failed": failed, "ok": False} if failed else {}
