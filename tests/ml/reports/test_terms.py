"""The table of what GDH's terms did."""

from __future__ import annotations

from typing import Any

from ml.reports.combined import combined
from ml.reports.hashing.terms import terms_of, terms_table

TERMS = {"gap_photo": [3506.98, 81.04, 38.5], "cycle": [0.98, 0.2, 0.1], "quantisation": [1.4, 1.25]}


def result(**config: Any) -> dict[str, Any]:
    settings = {"gan": True, "attention": True, "quantisation_weight": 0.1, "unification_weight": 0.1}
    return {
        "system": "gdh",
        "label": "ablation, full",
        "config": {**settings, "contrast_weight": 1.0, "code_length": 64, **config},
        "metrics": {},  # those of instances alone name no code length
        "ranks": [],
        "ties": [],
        "minutes": 1.0,
        "seed": 0,
        "trained_at": None,
        "terms": TERMS,
    }


def test_a_row_shows_the_values_over_time() -> None:
    table = terms_table({"one": result(), "other": {"metrics": {}}})
    assert (
        "| gdh, ablation, full | 64 | 3,507 → 81 → 38.5 |  | 0.98 → 0.2 → 0.1 |  | 1.4 → 1.25 |  |  |"
        in table
    )


def test_a_term_that_is_off_is_in_italics() -> None:
    assert "*1.4 → 1.25*" in terms_table({"one": result(quantisation_weight=0)})
    assert "*0.98 → 0.2 → 0.1*" in terms_table({"one": result(gan=False)})


def test_without_records_there_is_no_table() -> None:
    assert terms_table({"one": {"metrics": {}}}) == ""


def test_of_several_seeds_the_first_is_shown() -> None:
    first, second = result(), {**result(), "seed": 1, "terms": {"cycle": [0.5, 0.4]}}
    both = combined([first, second])
    assert "terms" not in both
    assert terms_of(both) == TERMS
