"""Tables: published rows beside ours, one section per dataset, blocks in pages."""

from __future__ import annotations

from typing import Any

from ml.reports.tables import ABLATION, tables, with_block
from ml.systems.fine_grained.dssa.config import ABLATION as ROWS


def result(system: str, acc: float, **fields: Any) -> dict[str, Any]:
    metric = {"value": acc, "ci95": [acc - 0.1, acc + 0.1]}
    return {
        "system": system,
        "label": "",
        "dataset": "qmul-v1",
        "category": "shoes",
        "split": "test",
        "gallery": "split",
        "metrics": {"acc@1": metric, "acc@10": metric, "n_queries": 115, "n_gallery": 115},
        "seed": 0,
        "minutes": 2.0,
        "commit": "0123456789abcdef",
        "date": "2026-01-01",
        **fields,
    }


def rows_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| ")]


def cells_of(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")[1:-1]]


def test_rows_follow_the_published_ones_in_the_order_of_systems() -> None:
    text = tables({"b": result("sketchfind", 0.7), "a": result("dssa", 0.6), "c": result("hog", 0.3)})
    assert "**Shoe-V1**, test: 115 sketches against 115 photos" in text
    names = [row.split("|")[1].strip() for row in rows_of(text)]
    assert names[0] == "system"
    assert names[-3:] == ["hog", "dssa", "sketchfind"]
    assert "*Triplet Sketch-a-Net*" in names[1:-3]


def test_rows_of_an_ablation_follow_the_order_of_the_paper() -> None:
    labels = ["full", "base + HOLEF", "base", "base + CFF, equal halves", "base + CFF"]
    text = tables({str(n): result("dssa", 0.6, label=label) for n, label in enumerate(labels)})
    names = [cells_of(row)[0] for row in rows_of(text)[-5:]]
    ordered = ["base", "base + CFF, equal halves", "base + CFF", "base + HOLEF", "full"]
    assert names == [f"dssa, {label}" for label in ordered]
    assert list(ROWS) == ABLATION  # a copy that needs no torch


def test_a_cell_is_percent_with_its_interval() -> None:
    row = rows_of(tables({"a": result("dssa", 0.6172, label="base")}))[-1]
    assert cells_of(row) == [
        "dssa, base",
        "61.7 (52–72)",
        "61.7 (52–72)",
        "0",
        "2",
        "0123456, 2026-01-01",
    ]


def test_published_figures_are_shown_in_our_columns_as_printed() -> None:
    rows = rows_of(tables({"a": result("hog", 0.3)}))
    assert cells_of(rows[0])[:3] == ["system", "acc@1", "acc@10"]
    assert cells_of(rows[1])[:3] == ["*HOG+BoW+RankSVM*", "17.39", "67.83"]


def test_a_missing_metric_leaves_its_cell_empty() -> None:
    more = result("dssa", 0.5, dataset="sketchy", category="all")
    more["metrics"]["precision@100"] = {"value": 0.25, "ci95": [0.2, 0.3]}
    less = result("sketchfind", 0.5, dataset="sketchy", category="all")
    head, first, second = rows_of(tables({"a": more, "b": less}))
    place = cells_of(head).index("precision@100")
    assert (cells_of(first)[place], cells_of(second)[place]) == ("25.0 (20–30)", "")


def test_uncommitted_code_is_marked() -> None:
    assert "| 0123456+, 2026-01-01 |" in tables({"a": result("hog", 0.3, commit="0123456789-dirty")})


def test_splits_galleries_and_folders_have_separate_tables() -> None:
    text = tables(
        {
            "a": result("dssa", 0.6),
            "b": result("dssa", 0.5, gallery="all"),
            "c": result("dssa", 0.4, split="val"),
            "dssa-ablation/2-full": result("dssa", 0.6, label="full"),
            "dssa-ablation/1-base": result("dssa", 0.5, label="base"),
        }
    )
    assert text.count("| system |") == 4
    assert "against all 115 photos" in text
    assert text.index("### Dssa ablation") < text.index("dssa, base") < text.index("dssa, full")


def test_a_block_is_replaced_and_the_surrounding_text_kept() -> None:
    page = "before\n<!-- results -->\nold\n<!-- /results -->\nafter\n"
    assert with_block(page, "\nnew\n\n") == "before\n<!-- results -->\n\nnew\n\n<!-- /results -->\nafter\n"
    assert with_block("no marks", "new") == "no marks"
