"""Train, measure and export Sketchfind's models.

With --json, the last line of the output is one JSON object; on bad input it is {"error": {"type", "field", "message"}}.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.command import command_line
from ml.errors import SketchfindError
from ml.hardware import processor
from ml.reproduce.cli import add_reproduce, add_train
from ml.training.watch import Cancelled

STOPPED = 128 + 15  # exit status as of a process ended by SIGTERM
UNREAD = 128 + 13  # and by SIGPIPE
BENCHMARKS = {
    "query": "ml.benchmarks.query",
    "hamming": "ml.benchmarks.hamming",
    "two-stage": "ml.benchmarks.two_stage",
    "raster": "ml.benchmarks.raster",
    "train-step": "ml.benchmarks.train_step",
    "augment": "ml.benchmarks.augment",
    "hash-retrieval": "ml.benchmarks.hash_retrieval",
    "hash-query": "ml.benchmarks.hash_query",
    "pg-codes": "ml.benchmarks.pg_codes",
    "stroke-shards": "ml.benchmarks.stroke_shards",
    "vocabulary": "ml.benchmarks.vocabulary",
    "clicks": "ml.benchmarks.clicks.learning",
    "interleaving": "ml.benchmarks.clicks.interleaving",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: success. 1: a check found problems. 2: bad input; stderr names the field. 143: training was stopped.
    141: the reader of the output closed it.
    """
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes again on exit, which must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    return status


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    try:
        result = options.command(options)
    except Cancelled as cancelled:
        print(cancelled, file=sys.stderr)
        return STOPPED
    except SketchfindError as error:
        print(error, file=sys.stderr)
        if options.json:
            payload = {"type": type(error).__name__, "field": error.field, "message": error.message}
            print(json.dumps({"error": payload}))
        return 2
    if options.json:
        print(json.dumps(result))
    else:
        for line in _lines(result):
            print(line)
    return 1 if result.get("ok") is False else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_program(), description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    datasets = commands.add_parser("datasets", help="inspect a dataset").add_subparsers(
        required=True, metavar="action"
    )
    check = datasets.add_parser("check", help="report counts, splits, leaks and broken files")
    check.set_defaults(command=_check)
    show = datasets.add_parser(
        "show", help="count photos, sketches and categories per split; decodes nothing"
    )
    show.set_defaults(command=_show)

    train = add_train(commands)

    imported = commands.add_parser(
        "import", help="make a model folder from the weights that the authors of triplet-san or dssa released"
    )
    imported.add_argument("--system", required=True, choices=("triplet-san", "dssa"))
    imported.add_argument(
        "--weights", type=Path, required=True, help=".npy of their TensorFlow code, .npz or .safetensors"
    )
    imported.add_argument("--out", type=Path, required=True, help="folder for the model")
    imported.set_defaults(command=_import)

    evaluate = commands.add_parser("evaluate", help="measure a model on a split")
    evaluate.add_argument("--model", type=Path, required=True, help="folder written by train")
    evaluate.add_argument("--split", default="test", choices=("train", "val", "test"))
    evaluate.add_argument(
        "--precision", choices=("fp32", "int8"), help="default: the one that serves on this processor"
    )
    evaluate.add_argument(
        "--quickdraw", type=Path, help="with --format catalogue: QuickDraw doodles to measure with"
    )
    evaluate.add_argument(
        "--seats", type=Path, help="with --format catalogue: a Chair-V2 folder to measure seats with"
    )
    evaluate.add_argument(
        "--words",
        action="store_true",
        help='with --quickdraw: measure match words and "nothing close" instead; a dataset of pairs is an unseen shop',
    )
    evaluate.add_argument(
        "--record", action="store_true", help="write the metrics to the model's manifest and card"
    )
    evaluate.set_defaults(command=_evaluate)

    unseen = commands.add_parser(
        "unseen",
        help="search a dataset of pairs as a shop that has just imported its photos, without training",
    )
    unseen.add_argument("--model", type=Path, required=True, help="folder written by train")
    unseen.add_argument(
        "--split", default="test", choices=("train", "val", "test", "all"), help="of the sketches"
    )
    unseen.add_argument(
        "--gallery", choices=("train", "val", "test", "all"), help="of the photos; default: --split"
    )
    unseen.add_argument("--precision", choices=("fp32", "int8"), help="default: the one that serves here")
    unseen.add_argument("--visitors", type=int, default=100, help="unlabelled sketches of train that count")
    unseen.add_argument("--sample", type=int, help="measure a random part of the sketches")
    unseen.set_defaults(command=_unseen)

    export = commands.add_parser(
        "export", help="rewrite the files of a trained sketchfind model from its weights"
    )
    export.add_argument("--model", type=Path, required=True, help="folder written by train")
    export.add_argument("--root", type=Path, required=True, help="the catalogue that it was trained on")
    export.add_argument("--quickdraw", type=Path, required=True, help="the doodles that it was trained on")
    export.add_argument("--seats", type=Path, help="a Chair-V2 folder to measure seats with")
    export.set_defaults(command=_export)

    compare = commands.add_parser("compare", help="compare two models, query by query")
    compare.add_argument("--model", type=Path, required=True, help="folder written by train")
    compare.add_argument("--against", type=Path, required=True, help="folder of the model to compare with")
    compare.add_argument("--split", default="test", choices=("train", "val", "test"))
    compare.set_defaults(command=_compare)

    baseline = commands.add_parser("baseline", help="fit a baseline and measure it")
    baseline.add_argument("--name", required=True, help="such as hog; an unknown name lists all")
    baseline.add_argument("--split", default="test", choices=("val", "test"))
    baseline.add_argument(
        "--set", action="append", default=[], metavar="key=value", help="override one setting"
    )
    baseline.set_defaults(command=_baseline)
    for command in (evaluate, baseline):
        command.add_argument(
            "--gallery",
            default="split",
            choices=("split", "all", "apart"),
            help="what is ranked: the split's photos or drawings, all of them, or with drawings alone ten in eleven of "
            "the split, which the others search",
        )
        command.add_argument(
            "--sheets",
            type=Path,
            help="with datasets of pairs or drawings: folder for sheets of queries (PNG)",
        )
        command.add_argument("--result", type=Path, help="with datasets of pairs: result file to write")
        command.add_argument("--label", default="", help="distinguishes the result from others of its system")

    for command in (evaluate, baseline):
        command.add_argument(
            "--untracked",
            action="store_true",
            help="write the result file although ml has uncommitted changes, marked as such",
        )
    baseline.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="fit a baseline that has a seed N times"
    )
    reproduce = add_reproduce(commands)

    results = commands.add_parser("results", help="print the result tables of ml/results")
    results.add_argument("--write", action="store_true", help="refresh the tables in docs/results/papers.md")
    results.set_defaults(command=_results)

    settings = commands.add_parser(
        "options", help="list every system's settings, as the site's form offers them"
    )
    settings.set_defaults(command=_options)

    bench = commands.add_parser("bench", help="run a benchmark")
    bench.add_argument("name", choices=sorted(BENCHMARKS))
    bench.set_defaults(command=_bench)

    for command in (check, show, evaluate, unseen, compare, baseline):
        command.add_argument("--format", required=True, help="layout of the dataset")
        command.add_argument(
            "--unseen-file",
            type=Path,
            help="with zero-shot formats: file of the categories to test on, one per line",
        )
        command.add_argument(
            "--root", type=Path, required=True, help="folder of the dataset, a zip, or PACK.zip/folder/inside"
        )
    for command in (
        *(
            check,
            show,
            train,
            imported,
            evaluate,
            unseen,
            export,
            compare,
            baseline,
            reproduce,
            results,
            settings,
            bench,
        ),
    ):
        command.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser


def _program() -> str:
    """Return the command as typed: `sketchfind` if installed, or `python -m ml`."""
    name = Path(sys.argv[0]).stem
    return name if name == "sketchfind" else "python -m ml"


def _check(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.check_dataset(options.format, options.root, unseen_file=options.unseen_file)


def _show(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.show_dataset(options.format, options.root, unseen_file=options.unseen_file)


def _import(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml.systems.fine_grained.authors import import_weights

    return import_weights(
        options.weights, system=options.system, out=options.out, command=command_line(sys.argv[1:])
    )


def _evaluate(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    if options.words:
        words = api.evaluate_words(
            model=options.model,
            format=options.format,
            root=options.root,
            quickdraw=options.quickdraw,
            split=options.split,
            precision=options.precision,
        )
        return {**words, **_measured_on()}
    metrics = api.evaluate(
        model=options.model,
        format=options.format,
        root=options.root,
        split=options.split,
        precision=options.precision,
        quickdraw=options.quickdraw,
        seats=options.seats,
        record=options.record,
        **_report(options),
    )
    return {**metrics, **_measured_on()}


def _unseen(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    metrics = api.evaluate_unseen(
        model=options.model,
        format=options.format,
        root=options.root,
        split=options.split,
        gallery=options.gallery or options.split,
        precision=options.precision,
        n_visitors=options.visitors,
        n_sketches=options.sample,
        unseen_file=options.unseen_file,
    )
    return {**metrics, **_measured_on()}


def _export(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.export(
        model=options.model, root=options.root, quickdraw=options.quickdraw, seats=options.seats
    )


def _compare(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    metrics = api.compare(
        model=options.model,
        against=options.against,
        format=options.format,
        root=options.root,
        split=options.split,
        unseen_file=options.unseen_file,
    )
    return {**metrics, **_measured_on()}


def _baseline(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    metrics = api.evaluate_baseline(
        name=options.name,
        format=options.format,
        root=options.root,
        split=options.split,
        overrides=options.set,
        seeds=options.seeds,
        **_report(options),
    )
    return {**metrics, **_measured_on()}


def _bench(options: argparse.Namespace) -> Mapping[str, Any]:
    return {**importlib.import_module(BENCHMARKS[options.name]).run(), **_measured_on()}


def _measured_on() -> dict[str, Any]:
    """Return the processor, printed with every result: timings and int8 figures depend on it."""
    return {"processor": processor().as_json()}


def _report(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that `evaluate` and `baseline` share for datasets of pairs."""
    return {
        "gallery": options.gallery,
        "sheets": options.sheets,
        "result": options.result,
        "label": options.label,
        "command": command_line(sys.argv[1:]),
        "untracked": options.untracked,
        "unseen_file": options.unseen_file,
    }


def _results(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml.reports.results import read_results
    from ml.reports.tables import refresh

    return refresh(read_results(), write=options.write)


def _options(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml.systems.options import all_options

    listed = all_options()
    if options.json:
        return {"systems": listed}
    return {
        f"{system['name']} on {', '.join(system['formats'])}": {
            profile["name"]: {field["name"]: field["default"] for field in profile["fields"]}
            for profile in system["profiles"]
        }
        for system in listed
    }


def _lines(result: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in result.items():
        if isinstance(value, Mapping) and "value" in value:
            low, high = value["ci95"] if "ci95" in value else value["t95"]
            spread = f" ± {value['sd']:.3f}" if "sd" in value else ""
            lines.append(f"{indent}{key}: {value['value']:.3f}{spread} [{low:.3f}, {high:.3f}]")
        elif isinstance(value, Mapping):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
