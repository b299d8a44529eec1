"""Result files as Markdown tables, and the marked block of the page that shows them.

One section per dataset, category, split and gallery: published figures in italics, then our runs, one per row. A
subfolder of `ml/results`, such as an ablation, becomes a separate part under its name, in the order of its file names.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ml.baselines.registry import BASELINES
from ml.reports.hashing.tables import hashing_tables
from ml.reports.hashing.terms import terms_table
from ml.reports.names import is_joint, shown_name
from ml.reports.published import PUBLISHED, Published
from ml.systems.registry import NAMES as SYSTEM_NAMES

Results = Mapping[str, Mapping[str, Any]]
BLOCK = re.compile(r"(<!-- results -->\n).*?(<!-- /results -->)", re.DOTALL)
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "results" / "papers.md"
ORDER = [*BASELINES, *SYSTEM_NAMES]
ABLATION = [
    "base",
    "base + CFF",
    "base + HOLEF",
    "full",
]  # in the paper's order; a label may add a remark after a comma
NAMES = {
    ("qmul-v1", "shoes"): "Shoe-V1",
    ("qmul-v1", "chairs"): "Chair-V1",
    ("qmul-v2", "chairs"): "Chair-V2",
}
COLUMNS = {  # metric -> heading; a table has the columns that occur in its rows
    "acc@1": "acc@1",
    "acc@5": "acc@5",
    "acc@10": "acc@10",
    "acc@1_all": "acc@1, all categories",
    "%corr": "% corr",
    "mAP": "mAP",
    "precision@100": "precision@100",
    "precision@200": "precision@200",
}
Title = tuple[str, str, str, str]  # dataset, category, split, gallery


def refresh(results: Results, *, write: bool) -> dict[str, Any]:
    """Report whether the tables in `PAGE` are out of date; with `write`, update them."""
    page = PAGE.read_text()
    current = with_block(page, tables(results))
    stale = [PAGE.name] if page != current else []
    if stale and write:
        PAGE.write_text(current)
    return {"n_results": len(results), "written" if write else "stale": stale}


def with_block(page: str, text: str) -> str:
    """Return a page with `text` between `<!-- results -->` and `<!-- /results -->`, if it has these marks."""
    return BLOCK.sub(lambda block: f"{block[1]}{text}{block[2]}", page)


def tables(results: Results) -> str:
    """Return every table, main ones first; "" without results."""
    hashed = hashing_tables(results)
    pairs = {name: result for name, result in results.items() if "code_length" not in result["metrics"]}
    placed = sorted((_place(name, result), result) for name, result in pairs.items())
    parts = []
    for folder, of_folder in groupby(placed, key=lambda item: item[0][0]):
        if folder:
            parts.append(f"### {folder.replace('-', ' ').capitalize()}")
        for title, rows in groupby(of_folder, key=lambda item: item[0][1]):
            parts.append(_section(title, [result for _, result in rows]))
    if hashed:
        looks = _looks([result for name, result in results.items() if name not in pairs])
        parts.append("\n".join([f"### Hash codes\n\n{hashed}", *looks]))
    if acted := terms_table(results):
        parts.append(acted)
    return "".join(f"\n{part}\n" for part in parts) + "\n" if parts else ""


def _place(name: str, result: Mapping[str, Any]) -> tuple[str, Title, int, int, str]:
    """Return a sort key: folder, section, system (in the main folder), row of an ablation, and the file's unique name."""
    folder = name.rpartition("/")[0]
    title = result["dataset"], result["category"], result["split"], result["gallery"]
    row = result["label"].partition(",")[0]
    ablated = ABLATION.index(row) if row in ABLATION else -1
    return folder, title, 0 if folder else ORDER.index(result["system"]), ablated, name


def _section(title: Title, rows: Sequence[Mapping[str, Any]]) -> str:
    dataset, category, split, gallery = title
    name = NAMES.get((dataset, category), f"{dataset}, {category}")
    metrics = rows[0]["metrics"]
    photos = f"all {metrics['n_gallery']} photos" if gallery == "all" else f"{metrics['n_gallery']} photos"
    columns = [metric for metric in COLUMNS if any(metric in row["metrics"] for row in rows)]
    lines = [
        f"**{name}**, {split}: {metrics['n_queries']} sketches against {photos}",
        "",
        _cells("system", *(COLUMNS[metric] for metric in columns), "seed", "minutes", "commit, date"),
        "|" + "---|" * (len(columns) + 4),
    ]
    if split == "test" and gallery == "split":
        lines += [_published(row, columns) for row in PUBLISHED.get((dataset, category), ())]
    for result in rows:
        lines.append(_row(result, columns))
        if is_joint(result) and not _has_own(result, rows):
            empty = [""] * (len(columns) + 2)
            lines.append(_cells(f"{result['system']}, this data set alone", *empty, "not run yet"))
    return "\n".join([*lines, *_looks(rows)])


def _published(row: Published, columns: Sequence[str]) -> str:
    shares = {"acc@1": row.acc_at_1, "acc@10": row.acc_at_10, "%corr": row.correct}
    printed = ("" if (share := shares.get(metric)) is None else f"{share:g}" for metric in columns)
    return _cells(f"*{row.system}*", *printed, "", "", f"*{row.source}*")


def _row(result: Mapping[str, Any], columns: Sequence[str]) -> str:
    measured = (_measured(result["metrics"].get(metric)) for metric in columns)
    commit = result["commit"][:7] + ("+" if result["commit"].endswith("-dirty") else "")
    minutes = f"{result['minutes']:g}"
    seeds = [str(seed["seed"]) for seed in result.get("seeds") or [result]]
    return _cells(shown_name(result), *measured, ", ".join(seeds), minutes, f"{commit}, {result['date']}")


def _has_own(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a row of the same system was trained on this data set alone."""
    return any(row["system"] == result["system"] and not is_joint(row) for row in rows)


def _looks(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each row whose test split was ranked more than once, with the figures that were seen before."""
    lines = []
    for result in rows:
        before = (result.get("looks") or [])[:-1]
        if before:
            seen = "; ".join(f"{look['at'][:10]} ({_figures(look['values'])})" for look in before)
            bits = result["metrics"].get("code_length")
            name = f"{shown_name(result)}, {bits} bits" if bits else shown_name(result)
            lines.append(f"* {name}: this test split was ranked before: {seen}")
    return ["", *lines] if lines else []


def _figures(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * value:.1f}" for name, value in values.items())


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _measured(metric: Mapping[str, Any] | None) -> str:
    """Format a percentage with its 95 % interval, of several seeds also with their standard deviation."""
    if metric is None:
        return ""
    low, high = metric["ci95"]
    spread = f" ± {100 * metric['sd']:.1f}" if "sd" in metric else ""
    return f"{100 * metric['value']:.1f}{spread} ({100 * low:.0f}–{100 * high:.0f})"
