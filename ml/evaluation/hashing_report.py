"""Result files of hashers as Markdown tables of the papers' shape: a row a system, a column a code length.

Source of the published figures: Xu et al., *SketchMate*, CVPR 2018, Tables 1 and 2 (345,000 drawings searched, networks
that saw 3.1 M). They are not comparable with ours on a sample; compare the rows of one table with one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

METRICS = {"mAP": "MAP", "precision@200": "P@200", "accuracy": "accuracy"}
CODE_LENGTHS = (16, 24, 32, 64, 128)
Result = Mapping[str, Any]


def hashing_tables(results: Mapping[str, Result]) -> str:
    """A table a dataset, split and gallery; "" without results of hashers.

    Rows are systems with their labels in the order of the files' names, and what they were trained for.
    """
    hashed = [result for result in results.values() if "code_length" in result["metrics"]]
    parts = []
    for (dataset, split, gallery), found in groupby(sorted(hashed, key=_place), key=_place):
        parts.append(_table(dataset, split, gallery, list(found)))
    return "\n\n".join(parts)


def _place(result: Result) -> tuple[str, str, str]:
    return result["dataset"], result["split"], result["gallery"]


def _table(dataset: str, split: str, gallery: str, results: list[Result]) -> str:
    lengths = [bits for bits in CODE_LENGTHS if any(_bits(result) == bits for result in results)]
    columns = [
        (metric, bits)
        for metric in METRICS
        for bits in lengths
        if any(metric in result["metrics"] for result in results if _bits(result) == bits)
    ]
    rows: dict[str, dict[int, Result]] = {}
    for result in results:
        rows.setdefault(_name(result), {})[_bits(result)] = result
    counted = results[0]["metrics"]
    searched = "all splits" if gallery == "all" else "the split"
    return "\n".join(
        [
            f"**{dataset}**, {split}: {counted['n_queries']} sketches, each against {counted['n_gallery']} of "
            f"{searched}, {counted['R']} of its category among them",
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


def _name(result: Result) -> str:
    return f"{result['system']}, {result['label']}" if result["label"] else str(result["system"])


def _cell(of: Mapping[int, Result], metric: str, bits: int) -> str:
    """Percent with its 95 % interval."""
    found = of[bits]["metrics"].get(metric) if bits in of else None
    if found is None:
        return ""
    low, high = found["ci95"]
    return f"{100 * found['value']:.1f} ({100 * low:.0f}–{100 * high:.0f})"
