"""The written pages of the documentation, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = sorted([*DOCS.rglob("*.md"), *(ROOT / name for name in TOP)])
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of every shell command in a page's code blocks, without lines of output."""
    for _, language, block in FENCE.findall(page.read_text()):
        if language not in {"bash", "console"}:
            continue
        lines = re.sub(r"\\\n\s*", "", block).splitlines()
        if language == "console":
            lines = [line.strip()[2:] for line in lines if line.strip().startswith("$ ")]
        for line in lines:
            if "'{" not in line and line.count("'") % 2 == 0 and line.count('"') % 2 == 0:
                yield shlex.split(line, comments=True)
