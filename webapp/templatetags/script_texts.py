"""The translated texts of a page's script."""

from __future__ import annotations

import json
from functools import cache

from django import template
from django.conf import settings
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation.trans_real import DjangoTranslation
from django.views.i18n import JavaScriptCatalog

register = template.Library()

Catalogue = dict[str, str | list[str]]


@register.simple_tag
def script_texts(entry: str) -> SafeString:
    """Return `<script id="texts">` with the translations used by the entry's modules; empty in English.

    `entry` is a path such as "src/search/draw.tsx". frontend/src/shared/texts.ts reads the element.
    """
    language = get_language() or settings.LANGUAGE_CODE
    texts = _texts_of(language, entry)
    return json_script(texts, "texts") if texts else SafeString()


@cache
def _texts_of(language: str, entry: str) -> Catalogue:
    catalogue = _catalogue(language)
    used = _texts_by_entry().get(entry)
    return catalogue if used is None else {text: catalogue[text] for text in used if text in catalogue}


@cache
def _catalogue(language: str) -> Catalogue:
    """Return the djangojs domain: translations by English text; for counted texts, one per plural form."""
    view = JavaScriptCatalog()
    view.translation = DjangoTranslation(
        language, domain="djangojs", localedirs=list(map(str, settings.LOCALE_PATHS))
    )
    return dict(view.get_catalog())


@cache
def _texts_by_entry() -> dict[str, list[str]]:
    """Return the texts found by the front end's build; empty if Vite serves the sources: pages then get all texts."""
    path = settings.FRONTEND_DIST / ".vite" / "texts.json"
    if settings.VITE_DEV_URL or not path.is_file():
        return {}
    found: dict[str, list[str]] = json.loads(path.read_text())
    return found
