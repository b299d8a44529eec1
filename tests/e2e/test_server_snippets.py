"""The documentation's examples of calls from a server work as they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.docs.pages import DOCS, FENCE
from tests.e2e.shop import make_key
from tests.e2e.site_process import Site

PAGE = DOCS / "howto" / "search-from-your-server.md"
PROGRAMS = {
    "javascript": ["node", "--input-type=module", "-"],
    "python": [sys.executable, "-"],
    "bash": ["bash", "-e", "-"],
}


def snippets() -> list[tuple[str, str]]:
    """Return language and code of each example that searches."""
    found = []
    for indent, language, block in FENCE.findall(PAGE.read_text()):
        code = "\n".join(line.removeprefix(indent) for line in block.splitlines())
        if "api/v1/search" in code:
            found.append((language, code))
    return found


def test_there_is_one_for_each_language() -> None:
    assert sorted(language for language, _ in snippets()) == ["bash", "javascript", "python"]


@pytest.mark.parametrize(("language", "code"), snippets(), ids=[language for language, _ in snippets()])
def test_it_prints_the_nearest_products(site: Site, language: str, code: str) -> None:
    program, *options = PROGRAMS[language]
    assert shutil.which(program), program
    secret = make_key(site, "Server of the examples", [])["secret"]
    environ = {**os.environ, "SHOP_SEARCH_URL": site.url, "SHOP_SEARCH_KEY": secret}
    done = subprocess.run(
        [program, *options], input=code, env=environ, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    names = [result["product"]["name"] for result in _searched(site)]
    if language != "bash":  # curl's sketch lacks a line
        assert done.stdout.splitlines() == [f"{rank} {name}" for rank, name in enumerate(names, 1)]
    else:
        assert '"rank":3' in done.stdout.replace(" ", "")


def _searched(site: Site) -> list[dict[str, dict[str, str]]]:
    strokes = [[[60, 40], [62, 200]], [[60, 120], [180, 122], [182, 200]]]
    body = {"sketch": {"width": 256, "height": 256, "strokes": strokes}, "k": 3}
    results: list[dict[str, dict[str, str]]] = site.post("search", body)["results"]
    return results
