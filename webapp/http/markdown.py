"""Render the Markdown of models as HTML for pages."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def markdown_html(text: str) -> SafeString:
    """Return `text` as HTML. HTML in it is escaped, and only http(s) links are kept."""
    html: SafeString = mark_safe(_markdown.render(text))  # the renderer escapes
    return html
