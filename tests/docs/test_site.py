"""The built site is complete, has no broken links, and fetches nothing from other hosts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.slow

FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Parsed(HTMLParser):
    """The links, fetched resources and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors = {""}
        self.inline_scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := given.get(name))}
        if tag == "a" and (href := given.get("href")):
            self.links.append(href)
        if (address := given.get(FETCHED.get(tag, ""))) and given.get("rel") not in {
            "canonical",
            "next",
            "prev",
        }:
            self.fetched.append(address)
        self.inline_scripts += tag == "script" and not given.get("src") and not given.get("type")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does, into a temporary folder. MkDocs warnings are errors."""
    folder = tmp_path_factory.mktemp("site")
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "NO_MKDOCS_2_WARNING": "1",
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "SKETCHFIND_SECRET_KEY": "docs" * 10,
        "SKETCHFIND_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "SKETCHFIND_DATABASE_URL": "",
        "SKETCHFIND_REDIS_URL": "",
    }
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Parsed]:
    return {
        path: Parsed(path.read_text()) for path in sorted(site.rglob("*.html")) if path.name != "404.html"
    }


def test_every_link_leads_to_a_page_and_its_anchor(site: Path, pages: dict[Path, Parsed]) -> None:
    broken = []
    for page, parsed in pages.items():
        for link in parsed.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            found = pages.get(target)
            if found is None and not target.is_file():
                broken.append(f"{page.relative_to(site)}: {link}")
            elif found is not None and unquote(parts.fragment) not in found.anchors:
                broken.append(f"{page.relative_to(site)}: {link} (anchor)")
    assert broken == []


def test_nothing_is_fetched_from_other_hosts(site: Path, pages: dict[Path, Parsed]) -> None:
    fetched = [(page, address) for page, parsed in pages.items() for address in parsed.fetched]
    assert len(fetched) > 100
    elsewhere = [address for _, address in fetched if urlsplit(address).netloc]
    missing = [
        f"{page.relative_to(site)}: {address}"
        for page, address in fetched
        if not urlsplit(address).netloc and not (page.parent / unquote(urlsplit(address).path)).is_file()
    ]
    assert elsewhere == []
    assert missing == []


def test_no_script_is_inline(pages: dict[Path, Parsed]) -> None:
    assert {str(page): parsed.inline_scripts for page, parsed in pages.items() if parsed.inline_scripts} == {}


def test_the_reference_lists_what_the_code_defines(site: Path) -> None:
    for page, words in _expected():
        text = (site / page).read_text()
        assert [word for word in words if word not in text] == [], page


def _expected() -> Iterator[tuple[str, list[str]]]:
    yield "reference/cli.html", ["datasets check", "--precision", "bench"]
    yield "reference/management.html", ["catalog_import", "release_promote", "--reason"]
    yield "reference/configuration.html", ["SKETCHFIND_DATABASE_URL", "SKETCHFIND_SEARCH_RATE"]
    yield "reference/rest.html", ["/api/v1/search", "/api/v1/releases/rollback", "application/problem+json"]
    yield "reference/data-formats.html", ["qmul-v1", "tu-berlin", "triplets.jsonl"]
    yield "reference/python/losses.html", ["contrastive_loss", "info_nce"]
    yield "results/papers.html", ["Chair-V1", "triplet-san"]
    yield "results/runs.html", ["chair-v1-hog.json", "python -m ml baseline"]
