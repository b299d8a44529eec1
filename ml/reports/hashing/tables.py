"""Result files of hashers as Markdown tables in the form of the papers: one row per system, one column per code length.

The form is that of Xu et al., *SketchMate*, CVPR 2018, Tables 1 and 2 (345,000 drawings searched, networks trained on
3.1 M). Their figures are not comparable with ours on a sample; compare the rows of one table with each other.
acc@1 is at instance level, among the photos of all categories.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ml.reports.names import shown_name

METRICS = {
    "mAP": "MAP",
    "precision@200": "P@200",
    "acc@1_all": "acc@1",
    "accuracy": "accuracy",
}
CODE_LENGTHS = (16, 24, 32, 64, 128)
Result = Mapping[str, Any]


def hashing_tables(results: Mapping[str, Result]) -> str:
    """Return one table per dataset, split and gallery, and tables of unseen categories and of recognition.

    Rows are systems with their labels, in the order of the files' names. "" without hashers.
    """
    measured = [result for result in results.values() if "code_length" in result["metrics"]]
    recognise = [result for result in measured if result["config"].get("head") == "recognition"]
    hashed = [result for result in measured if result not in recognise]
    hashed += [_zero_shot(result) for result in hashed if "zero_shot" in result["metrics"]]
    parts = []
    for _, found in groupby(sorted(hashed, key=_place), key=_place):
        parts.append(_table(list(found)))
    for _, found in groupby(sorted(recognise, key=_place), key=_place):
        parts.append(_recognition(list(found)))
    return "\n\n".join(parts)


def _place(result: Result) -> tuple[str, str, str, int, int]:
    metrics = result["metrics"]
    searched = metrics["n_queries"], metrics["n_gallery"]
    return result["dataset"], result["split"], result["gallery"], *searched


def _zero_shot(result: Result) -> Result:
    split = "categories unseen in training"
    return {**result, "metrics": result["metrics"]["zero_shot"], "split": split, "gallery": "all"}


def _recognition(results: list[Result]) -> str:
    dataset, split, _, n_queries, _ = _place(results[0])
    lines = [
        f"**{dataset}**, {split}: recognition of {n_queries} sketches, with a wide layer instead of the code",
        "",
        "| system | accuracy |",
        "|---|---|",
    ]
    return "\n".join(
        [*lines, *(f"| {shown_name(of)} | {_percent(of['metrics']['accuracy'])} |" for of in results)]
    )


def _table(results: list[Result]) -> str:
    dataset, split, gallery, n_queries, n_gallery = _place(results[0])
    lengths = [bits for bits in CODE_LENGTHS if any(_bits(result) == bits for result in results)]
    columns = [
        (metric, bits)
        for metric in METRICS
        for bits in lengths
        if any(metric in result["metrics"] for result in results if _bits(result) == bits)
    ]
    rows: dict[str, dict[int, Result]] = {}
    for result in results:
        rows.setdefault(shown_name(result), {})[_bits(result)] = result
    searched = "all splits" if gallery == "all" else "the split"
    return "\n".join(
        [
            f"**{dataset}**, {split}: {n_queries} sketches, each against {n_gallery} items of {searched}, "
            f"including {results[0]['metrics']['R']} of its category",
            "",
            "| system | " + " | ".join(f"{METRICS[metric]} {bits}" for metric, bits in columns) + " |",
            "|---|" + "---|" * len(columns),
            *(
                f"| {name} | " + " | ".join(_cell(of, metric, bits) for metric, bits in columns) + " |"
                for name, of in rows.items()
            ),
        ]
    )


def _bits(result: Result) -> int:
    return int(result["metrics"]["code_length"])


def _cell(of: Mapping[int, Result], metric: str, bits: int) -> str:
    found = of[bits]["metrics"].get(metric) if bits in of else None
    return "" if found is None else _percent(found)


def _percent(estimate: Mapping[str, Any]) -> str:
    """Format a percentage with its 95 % interval, of several seeds also with their standard deviation."""
    low, high = estimate["ci95"]
    spread = f" ± {100 * estimate['sd']:.1f}" if "sd" in estimate else ""
    return f"{100 * estimate['value']:.1f}{spread} ({100 * low:.0f}–{100 * high:.0f})"
