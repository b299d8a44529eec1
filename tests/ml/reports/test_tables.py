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
        "config": {},
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


def test_a_joint_run_is_named_beside_the_row_of_its_data_set_alone() -> None:
    joint = result("sketchfind-pairs", 0.7, config={"also": ["qmul-v1:chairs", "qmul-v2:chair"]})
    both = rows_of(tables({"a": joint}))[-2:]
    assert cells_of(both[0])[0] == "sketchfind-pairs, trained on 3 data sets together"
    assert (cells_of(both[1])[0], cells_of(both[1])[-1]) == (
        "sketchfind-pairs, this data set alone",
        "not run yet",
    )
    alone = result("sketchfind-pairs", 0.6, config={"also": []}, label="this data set alone")
    names = [cells_of(row)[0] for row in rows_of(tables({"a": joint, "b": alone}))[-2:]]
    assert names == [cells_of(both[0])[0], "sketchfind-pairs, this data set alone"]


def test_what_a_network_was_not_trained_on_is_named() -> None:
    text = tables(
        {
            "a": result("sketch-a-net-ranksvm", 0.3, config={"model": None}),
            "b": result("triplet-san", 0.4, config={"pretrain_photos": None, "pretrain_sketches": None}),
            "c": result("triplet-san", 0.5, config={"pretrain_photos": "a", "pretrain_sketches": "b"}),
        }
    )
    names = [cells_of(row)[0] for row in rows_of(text)[-3:]]
    assert names == ["sketch-a-net-ranksvm, random network", "triplet-san, stage 4 alone", "triplet-san"]


def test_a_pretrained_branch_and_its_gallery_are_named() -> None:
    text = tables(
        {
            "a": result("dssa", 0.3, label="base", config={"branch": "sketch-a-net", "gallery": "edge"}),
            "b": result("dssa", 0.4, label="base", config={"branch": "lite0", "gallery": "photo"}),
            "c": result("dssa", 0.5, label="full", config={"branch": "lite0", "gallery": "edge"}),
        }
    )
    assert [cells_of(row)[0] for row in rows_of(text)[-3:]] == [
        "dssa, base",
        "dssa, base, pretrained branch on photos",
        "dssa, full, pretrained branch on edge maps",
    ]


def test_several_seeds_are_listed_with_their_deviation() -> None:
    several = result("dssa", 0.6172, label="base", seeds=[{"seed": 0}, {"seed": 1}])
    several["metrics"]["acc@1"]["sd"] = 0.0213
    row = cells_of(rows_of(tables({"a": several}))[-1])
    assert (row[1], row[3]) == ("61.7 ± 2.1 (52–72)", "0, 1")


def test_earlier_looks_at_the_test_split_are_named() -> None:
    looks = [
        {"at": "2026-11-21", "commit": "0" * 40, "values": {"acc@1": 0.357}},
        {"at": "2026-12-01T10:00:00.000+00:00", "commit": "0" * 40, "values": {"acc@1": 0.6}},
    ]
    text = tables({"a": result("dssa", 0.6, looks=looks), "b": result("hog", 0.3, looks=looks[1:])})
    lines = [line for line in text.splitlines() if line.startswith("* ")]
    assert lines == ["* dssa: this test split was ranked before: 2026-11-21 (acc@1 35.7)"]


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
