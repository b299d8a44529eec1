"""Example sketches for visitors who would rather not draw. Their source is given in examples.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from django.utils.translation import get_language

_FILE = Path(__file__).with_name("examples.json")


class Example(TypedDict):
    name: str
    sketch: dict[str, Any]


def examples() -> list[Example]:
    """Return the examples with their names in the active language."""
    language = "de" if (get_language() or "").startswith("de") else "en"
    return [{"name": row["name"][language], "sketch": row["sketch"]} for row in _read()]


@cache
def _read() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_FILE.read_text())["examples"]
    return rows
