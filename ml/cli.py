"""The command line of `ml`: datasets, train, evaluate, baseline, results, bench.

`--json` prints one JSON object as the last line.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.command import command_line
from ml.errors import SketchfindError

BENCHMARKS = {
    "query": "ml.benchmarks.query",
    "hamming": "ml.benchmarks.hamming",
    "two-stage": "ml.benchmarks.two_stage",
    "raster": "ml.benchmarks.raster",
    "train-step": "ml.benchmarks.train_step",
    "augment": "ml.benchmarks.augment",
    "hash-retrieval": "ml.benchmarks.hash_retrieval",
    "hash-query": "ml.benchmarks.hash_query",
    "stroke-shards": "ml.benchmarks.stroke_shards",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 2 on bad input, whose one line names the field."""
    options = _parser().parse_args(arguments)
    try:
        result = options.command(options)
    except SketchfindError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(result))
    else:
        for line in _lines(result):
            print(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    datasets = commands.add_parser("datasets", help="look at a dataset").add_subparsers(
        required=True, metavar="action"
    )
    check = datasets.add_parser("check", help="counts, splits, leaks and broken files")
    check.set_defaults(command=_check)

    train = commands.add_parser("train", help="train a system; resumes where a killed run stopped")
    train.add_argument("--system", required=True)
    train.add_argument(
        "--out", type=Path, required=True, help="folder of the run and, at its end, of the model"
    )
    train.add_argument("--profile", choices=("cpu", "gpu"), default="cpu")
    train.add_argument("--set", action="append", default=[], metavar="key=value", help="override one setting")
    train.set_defaults(command=_train)

    evaluate = commands.add_parser("evaluate", help="measure a model on a split")
    evaluate.add_argument("--model", type=Path, required=True)
    evaluate.add_argument("--split", default="test", choices=("train", "val", "test"))
    evaluate.add_argument("--precision", choices=("fp32", "int8"), help="default: what the model ships")
    evaluate.add_argument(
        "--quickdraw", type=Path, help="format catalogue: QuickDraw doodles to measure with"
    )
    evaluate.add_argument(
        "--seats", type=Path, help="format catalogue: a qmul-chairv2 folder to measure seats with"
    )
    evaluate.add_argument("--record", action="store_true", help="write the metrics into the model's card")
    evaluate.set_defaults(command=_evaluate)

    baseline = commands.add_parser("baseline", help="fit a baseline and measure it")
    baseline.add_argument("--name", required=True)
    baseline.add_argument("--split", default="test", choices=("val", "test"))
    baseline.add_argument(
        "--set", action="append", default=[], metavar="key=value", help="override one setting"
    )
    baseline.set_defaults(command=_baseline)
    for command in (evaluate, baseline):
        command.add_argument(
            "--gallery", default="split", choices=("split", "all"), help="datasets of pairs: photos to rank"
        )
        command.add_argument(
            "--sheets", type=Path, help="datasets of pairs: folder for sheets of queries (PNG)"
        )
        command.add_argument("--result", type=Path, help="datasets of pairs: write a result file")
        command.add_argument("--label", default="", help="what tells the result from others of its system")

    results = commands.add_parser("results", help="the tables of ml/results")
    results.add_argument(
        "--write", action="store_true", help="refresh ml/results/README.md and README.md's block of results"
    )
    results.set_defaults(command=_results)

    bench = commands.add_parser("bench", help="time one part")
    bench.add_argument("name", choices=sorted(BENCHMARKS))
    bench.set_defaults(command=lambda options: importlib.import_module(BENCHMARKS[options.name]).run())

    for command in (check, train, evaluate, baseline):
        command.add_argument("--format", required=True)
        command.add_argument("--root", type=Path, required=True)
    for command in (check, train, evaluate, baseline, results, bench):
        command.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser


def _check(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.check_dataset(options.format, options.root)


def _train(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.train(
        system=options.system,
        format=options.format,
        root=options.root,
        out=options.out,
        profile=options.profile,
        overrides=options.set,
        command=command_line(sys.argv[1:]),
    )


def _evaluate(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.evaluate(
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


def _baseline(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml import api

    return api.evaluate_baseline(
        name=options.name,
        format=options.format,
        root=options.root,
        split=options.split,
        overrides=options.set,
        **_report(options),
    )


def _report(options: argparse.Namespace) -> dict[str, Any]:
    """The options that measuring a dataset of pairs shares."""
    return {
        "gallery": options.gallery,
        "sheets": options.sheets,
        "result": options.result,
        "label": options.label,
        "command": command_line(sys.argv[1:]),
    }


def _results(options: argparse.Namespace) -> Mapping[str, Any]:
    from ml.evaluation.report import refresh
    from ml.evaluation.results import read_results

    return refresh(read_results(), write=options.write)


def _lines(result: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in result.items():
        if isinstance(value, Mapping) and "value" in value:
            low, high = value["ci95"]
            lines.append(f"{indent}{key}: {value['value']:.3f} [{low:.3f}, {high:.3f}]")
        elif isinstance(value, Mapping):
            lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
