"""The generators of the reference, on small inputs."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tools.docs.commands import option_rows
from tools.docs.hooks import move_scripts
from tools.docs.markdown import cell, table
from tools.docs.rest import rest_page


def test_options_show_names_values_and_meaning() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("feed", help="the feed")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--set", action="append", default=[], metavar="key=value", help="override|one")
    parser.add_argument("--json", action="store_true")
    assert option_rows(parser) == [
        ["`feed`", "required", "The feed"],
        ["`--split`", "one of `val`, `test`; default `test`", ""],
        ["`--set`", "", "Override\\|one"],
        ["`--json`", "flag", ""],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b", "a \\| b"),
        ("two\n lines", "two lines"),
        ("<b>", "&lt;b>"),
        ("strokes[3][17].x", "strokes\\[3\\]\\[17\\].x"),
        ("`list[3]`", "`list[3]`"),
    ],
)
def test_a_cell_shows_plain_text(text: str, expected: str) -> None:
    assert cell(text) == expected


def test_a_table() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |\n"


def test_endpoints_show_access_body_and_answers() -> None:
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    operation = {
        "tags": ["things"],
        "description": "Makes a thing.",
        "security": [{"apiToken": []}],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
        "responses": {
            "201": {"description": "made"},
            "400": problem,
            "409": {**problem, "description": "there"},
        },
    }
    thing = {"properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    page = rest_page(
        {
            "paths": {"/things/": {"post": operation}},
            "components": {"schemas": {"Thing": thing, "Problem": {"description": "What is wrong."}}},
        }
    )
    assert "### `POST /things/`\n\nMakes a thing.\n\n*Needs one of: apiToken.*" in page
    assert "Body (`application/json`): [Thing](#thing)" in page
    assert "| 201 | no body | made |" in page
    assert "| 400 |" not in page
    assert "| 409 | [Problem](#problem) | there |" in page
    assert "| `n` | integer, at least 1 | required |  |" in page


def test_inline_scripts_become_files(tmp_path: Path) -> None:
    html = '<script>let a = 1</script><script type="application/json">{}</script><script>let a = 1</script>'
    moved = move_scripts(html, tmp_path, depth=1)
    (made,) = (tmp_path / "assets" / "inline").iterdir()
    assert made.read_text() == "let a = 1"
    assert moved.count(f'<script src="../assets/inline/{made.name}"></script>') == 2
    assert '<script type="application/json">{}</script>' in moved
