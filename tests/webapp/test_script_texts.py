"""The texts of a page's script: its translations in German, none in English."""

from __future__ import annotations

import ast
import gettext
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation
from pytest_django import Settings

from webapp.templatetags import script_texts

DRAW = "src/search/draw.tsx"
LOCALES = sorted(Path(__file__, "../../../webapp/locale").resolve().glob("*/LC_MESSAGES/*.po"))


@pytest.fixture
def build(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The file in which a front-end build lists the texts of its entries."""
    settings.FRONTEND_DIST = tmp_path
    (tmp_path / ".vite").mkdir()
    _forget()
    yield tmp_path / ".vite" / "texts.json"
    _forget()


def test_a_german_page_has_the_translations_of_its_script(build: Path) -> None:
    build.write_text(json.dumps({DRAW: ["Undo", "1 product", "Not in the catalogue"]}))

    assert _texts("de") == {"Undo": "Rückgängig", "1 product": ["1 Produkt", "Die {n} ähnlichsten Produkte"]}


def test_an_english_page_has_none(build: Path) -> None:
    build.write_text(json.dumps({DRAW: ["Undo"]}))

    assert _texts("en") == {}


def test_a_page_has_all_translations_without_a_build(build: Path) -> None:
    texts = _texts("de")

    assert texts["Undo"] == "Rückgängig"
    assert len(texts) > 500


@pytest.mark.parametrize("path", LOCALES, ids=lambda path: path.stem)
def test_compiled_translations_are_those_of_the_text_file(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    entries = re.findall(r'^msgid ((?:"[^\n]*"\n)+)msgstr ((?:"[^\n]*"\n?)+)', path.read_text(), re.MULTILINE)
    assert len(entries) > 100
    for text, translated in ((_joined(a), _joined(b)) for a, b in entries):
        if text and translated:
            assert compiled.gettext(text) == translated, f"{path.name} was changed: make messages"


def _texts(language: str) -> dict[str, str | list[str]]:
    with translation.override(language):
        page = Template("{% load script_texts %}{% script_texts entry %}").render(Context({"entry": DRAW}))
    if not page:
        return {}
    found = re.fullmatch(r'<script id="texts" type="application/json">(.*)</script>', page)
    assert found is not None
    texts: dict[str, str | list[str]] = json.loads(found[1])
    return texts


def _joined(lines: str) -> str:
    return "".join(ast.literal_eval(line) for line in lines.strip().split("\n"))


def _forget() -> None:
    for cached in (script_texts._texts_of, script_texts._catalogue, script_texts._texts_by_entry):
        cached.cache_clear()
