"""The written pages match the repository: the paths, commands, variables and columns they mention exist."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
from dataclasses import fields
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from annotation.snapshots.export import COLUMNS
from tests.docs.pages import DOCS, FENCE, PAGES, ROOT, commands
from tools.docs import names

TREES = ("annotation", "docker", "docs", "frontend", "ml", "tests", "tools", "webapp")
OURS = ("annotation.", "ml.", "tests.", "tools.", "webapp.")
NAMED = re.compile(rf"`((?:{'|'.join(TREES)})/[^`\s]*)`")
# Files that readers or builds create.
GENERATED = frozenset(
    {"docker/.env", "docker/compose.docs.yml", "frontend/generated/", "ml/results/NAME.json"}
)
CREATED = re.compile(r"Save this as `(\w+)\.py` in `([\w/]+)/`")  # files that a tutorial adds
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")


@pytest.fixture(params=PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def written(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_paths_exist(written: Path) -> None:
    mentioned = {path for path in NAMED.findall(written.read_text()) if path not in GENERATED}
    assert [path for path in sorted(mentioned) if not _exists(path)] == []


def _exists(path: str) -> bool:
    """Return whether a path exists; names in braces or angle brackets match anything."""
    pattern = re.sub(r"\{[^}]*\}|<[^>]*>", "*", path).rstrip("/")
    return any(ROOT.glob(pattern))


def test_links_have_targets(written: Path) -> None:
    if written.is_relative_to(DOCS):
        return  # the build checks these
    links = [link for link in LINK.findall(written.read_text()) if "://" not in link]
    assert [link for link in links if not (written.parent / link).exists()] == []


def test_commands_parse(written: Path) -> None:
    for words in commands(written):
        if words[1:3] == ["-m", "ml"] and words[3] != "options":
            _parsed(names.find(names.CLI_PARSER)(), words[3:])
        if words[1:2] == ["manage.py"] and words[0].endswith("python"):
            _parsed(_management(words[2]).create_parser("manage.py", words[2]), words[3:])


def _management(name: str) -> BaseCommand:
    from django.core.management import get_commands

    application = get_commands()[name]
    assert isinstance(application, str)
    return load_command_class(application, name)


def _parsed(parser: argparse.ArgumentParser, words: list[str]) -> None:
    try:
        parser.parse_args(words)
    except (SystemExit, Exception) as error:
        raise AssertionError(f"{' '.join(words)}: {error}") from error


def test_variables_exist(written: Path) -> None:
    prefix = names.find(names.CONFIG_PREFIX)
    known = {f"{prefix}{field.name.upper()}" for field in fields(names.find(names.CONFIG))}
    mentioned = set(re.findall(rf"\b{prefix}[A-Z_]+\b", written.read_text()))
    assert mentioned - known - names.find(names.OTHER_VARIABLES) == set()


def test_python_code_imports_what_exists(written: Path) -> None:
    text = written.read_text()
    created = {f"{folder.replace('/', '.')}.{name}" for name, folder in CREATED.findall(text)}
    for _, language, block in FENCE.findall(text):
        if language != "python":
            continue
        for node in ast.walk(ast.parse(dedent(block), str(written))):
            name = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if isinstance(node, ast.ImportFrom) and name.startswith(OURS) and name not in created:
                module = importlib.import_module(name)
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_the_readme_is_one_screen_without_figures() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 45
    assert "|---" not in text


def test_the_codebook_has_every_column_of_an_export() -> None:
    page = (DOCS / "reference" / "exports.md").read_text()
    section = page.partition("## Codebook: triplets")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(COLUMNS)


def test_the_reference_lists_every_make_command() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    page = (DOCS / "reference" / "index.md").read_text()
    assert {f"make {target}" for target in targets if target != "help"} == set(
        re.findall(r"^\| `(make [a-z-]+)` \|", page, re.MULTILINE)
    )


def test_pictures_are_small_and_all_used() -> None:
    pictures = {path.name for path in (DOCS / "images").iterdir()}
    assert sum((DOCS / "images" / name).stat().st_size for name in pictures) < 1_500_000
    text = "".join(page.read_text() for page in PAGES)
    assert {name for name in pictures if f"images/{name}" not in text} == set()
