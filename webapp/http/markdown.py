"""Markdown that comes with models, as HTML for pages."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def markdown_html(text: str) -> SafeString:
    """`text` as HTML; what is HTML in it already is shown as text, and links are to http(s) alone."""
    html: SafeString = mark_safe(_markdown.render(text))  # the renderer escapes
    return html
