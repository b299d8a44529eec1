"""HTML as plain text, and line breaks as spaces.

What is no HTML, such as `Rated <![:] mug`, is text, and time grows with a text's length only: `html.parser` does neither.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

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
_UNSEEN = {
    name: re.compile(rf"</{name}\b[^>]*+>?", re.IGNORECASE)
    for name in ("script", "style", "template", "head", "noscript")
}
_LOOKS_MARKED = re.compile(r"<[a-zA-Z!/?]|&[#a-zA-Z]")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]{0,40})(?=[\s/>])")
# What follows the name: in a value's quotes, > does not end the tag. Nothing is tried twice.
_REST = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
_NOT_SHOWN = re.compile(r"<!(?:doctype\b|\[(?:end)?if\b)|<\?[a-z]", re.IGNORECASE)  # [if: of word processors
_LONG_NUMBER = re.compile(r"&(?=#[0-9]{8})")  # beyond Unicode, and long ones beyond what Python reads


def plain_text(text: str) -> str:
    """Return a text without HTML, its paragraphs on lines of their own. Escaped twice, as some shops do, is undone."""
    if _LOOKS_MARKED.search(text):
        if "&lt;" in text and not re.search(r"<[a-zA-Z/]", text):
            text = _unescaped(text)
        if "<![CDATA[" in text:  # what an XML feed has in a section of its own, pasted with it
            text = text.replace("<![CDATA[", "").replace("]]>", "")
        text = "".join(_parts(text))
    lines = (" ".join(line.split()) for line in text.replace("\\n", "\n").splitlines())
    return "\n".join(line for line in lines if line)


def _parts(text: str) -> Iterator[str]:
    """Yield the text between the tags, and line breaks for blocks."""
    last = {end: text.rfind(end) for end in (">", "-->")}  # looked for no further than that
    quotes_close, never_closed = True, set[str]()
    start = at = 0
    while (at := text.find("<", at)) >= 0:
        if text.startswith("<!--", at) and last["-->"] > at:
            end = text.index("-->", at) + 3
            broken = ""
        elif last[">"] > at and _NOT_SHOWN.match(text, at):
            end = text.index(">", at) + 1
            broken = ""
        elif last[">"] > at and (tag := _NAME.match(text, at)):
            name = tag[1].lower()
            broken = "\n" if name in _BLOCKS else ""
            rest = _REST.match(text, tag.end()) if quotes_close else None
            quotes_close = rest is not None  # once a quote is left open, no further one counts
            end = rest.end() if rest else text.index(">", at) + 1
            if name in _UNSEEN and text[at + 1] != "/" and name not in never_closed:
                closed = _UNSEEN[name].search(text, end)
                if closed:
                    end = closed.end()
                elif name in {"script", "style"}:
                    end = len(text)
                else:
                    never_closed.add(name)
        else:
            at += 1
            continue
        yield _unescaped(text[start:at])
        yield broken
        start = at = end
    yield _unescaped(text[start:])


def _unescaped(text: str) -> str:
    return html.unescape(_LONG_NUMBER.sub("&amp;", text))


def one_line(text: str) -> str:
    """Return a text without HTML, with its line breaks folded to spaces."""
    return " ".join(plain_text(text).split())
