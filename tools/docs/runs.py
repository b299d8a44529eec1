"""A page with one row per result file: how it was measured and how to reproduce it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.docs import names
from tools.docs.markdown import cell, table

INTRO = """---
hide: [toc]
---

# Every run

Each row of the [tables](papers.md) comes from one JSON file in `ml/results/`, listed here with what is needed to
reproduce it. Set `SKETCHFIND_DATA` to the folder with the data first. A `+` after the commit means that the code had
uncommitted changes.

"""


def runs_page() -> str:
    rows, shown_name = [], names.find(names.SHOWN_NAME)
    for name, result in names.find(names.READ_RESULTS)().items():
        commit = result["commit"][:7] + ("+" if result["commit"].endswith("-dirty") else "")
        rows.append(
            [
                f"`{name}.json`",
                cell(shown_name(result)),
                cell(_machine(result)),
                f"{result['minutes']:g}",
                f"{commit}, {result['date']}",
                f"`{result['command']}`",
            ]
        )
    return INTRO + table(["file", "system", "processor", "minutes", "commit, date", "command"], rows)


def _machine(result: Mapping[str, Any]) -> str:
    machine = result.get("processor") or result.get("machine") or ""
    if isinstance(machine, Mapping):
        return str(machine.get("name") or machine.get("model") or next(iter(machine.values()), ""))
    return str(machine)
