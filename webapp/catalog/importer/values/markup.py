"""HTML as plain text, and line breaks as spaces."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_BLOCKS = {
    "p",
    "div",
    "br",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "table",
    "section",
    "hr",
    "dd",
}
_UNSEEN = {"script", "style", "template", "head", "noscript"}
_LOOKS_MARKED = re.compile(r"<[a-zA-Z!/]|&[#a-zA-Z]")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def plain_text(text: str) -> str:
    """Return a text without HTML, its paragraphs on lines of their own. Escaped twice, as some shops do, is undone."""
    if _LOOKS_MARKED.search(text):
        if "&lt;" in text and not re.search(r"<[a-zA-Z/]", text):
            text = html.unescape(text)
        parser = _Text()
        parser.feed(text)
        parser.close()
        text = "".join(parser.parts)
    lines = (" ".join(line.split()) for line in text.replace("\\n", "\n").splitlines())
    return "\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    """Return a text without HTML, with its line breaks folded to spaces."""
    return " ".join(plain_text(text).split())
