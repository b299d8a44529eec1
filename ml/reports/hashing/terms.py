"""Result files that record the terms of GDH's objective as one Markdown table: their values over the training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ml.reports.names import shown_name

Result = Mapping[str, Any]
Config = Mapping[str, Any]
HEADINGS = {
    "gap_photo": "gap to photos",
    "gap_sketch": "gap to sketches",
    "cycle": "cycle",
    "kept": "kept by attention",
    "quantisation": "L_q",
    "unification": "L_c",
    "contrast": "contrast",
}
_IS_ON: Mapping[str, Callable[[Config], bool]] = {
    "gap_photo": lambda config: bool(config["gan"]),
    "gap_sketch": lambda config: bool(config["gan"]),
    "cycle": lambda config: bool(config["gan"]),
    "kept": lambda config: bool(config["attention"]),
    "quantisation": lambda config: config["quantisation_weight"] > 0,
    "unification": lambda config: config["unification_weight"] > 0,
    "contrast": lambda config: config["contrast_weight"] > 0,
}
INTRODUCTION = (
    "What each term of GDH's ablation did: its value on training pairs before and after training, in italics where the "
    "row leaves it out. Generators that L_gan trained before the row have three values, the first before that. "
    "Gaps are Fréchet distances of generated from real images in features of Lite0, like FID; L_q and L_c are per bit."
)


def terms_table(results: Mapping[str, Result]) -> str:
    """Return the table with its introduction, a row per result with a record; "" without any."""
    rows = [(result, found) for result in results.values() if (found := terms_of(result))]
    if not rows:
        return ""
    lines = [
        f"| {' | '.join([shown_name(result), str(result['config']['code_length']), *_cells(result, found)])} |"
        for result, found in rows
    ]
    headings = ["system", "bits", *HEADINGS.values()]
    return "\n".join([INTRODUCTION, "", f"| {' | '.join(headings)} |", "|---" * len(headings) + "|", *lines])


def terms_of(result: Result) -> Mapping[str, list[float]]:
    """Return a result's record of terms, of several seeds the first one's; {} without."""
    first = (result.get("seeds") or [result])[0]
    found: Mapping[str, list[float]] = first.get("terms", {})
    return found


def is_on(result: Result, term: str) -> bool:
    """Return whether a result's training had a term."""
    return _IS_ON[term](result["config"])


def _cells(result: Result, found: Mapping[str, list[float]]) -> list[str]:
    cells = []
    for term in HEADINGS:
        text = " → ".join(map(_shown, found.get(term, [])))
        cells.append(f"*{text}*" if text and not is_on(result, term) else text)
    return cells


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
