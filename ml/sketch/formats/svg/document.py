"""The elements of an untrusted SVG document: bounded in size, number and depth, without entities."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 64
_SEARCHED_BYTES = 65_536  # editors write comments and a DOCTYPE before the first element
_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")
_SVG = re.compile(rb"<(?:[\w-]+:)?svg[\s/>]")


class SvgError(ValueError):
    """A document that is not an SVG drawing within the limits."""


def is_svg(data: bytes) -> bool:
    """Return whether a file is an SVG document, by its content."""
    head = data[:_SEARCHED_BYTES]
    return bool(_START.match(head) and _SVG.search(head))


def parse_document(data: bytes | str) -> Element:
    """Return the root of a document, with the names of SVG's elements and attributes without namespaces.

    A DOCTYPE is ignored. Raises SvgError if the document is not XML, declares entities or exceeds the limits.
    """
    if len(data) > MAX_BYTES:
        raise SvgError(f"{len(data)} bytes, at most {MAX_BYTES}")
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=False)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise SvgError("declares entities, which are not allowed") from error
    except (ParseError, LookupError, UnicodeError) as error:
        raise SvgError(f"not well-formed: {error}") from error
    if root.tag != "svg":
        raise SvgError(f"expected <svg>, found <{root.tag}>")
    return root


class _BoundedBuilder(TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._n_elements = self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._n_elements += 1
        self._depth += 1
        if self._n_elements > MAX_ELEMENTS:
            raise SvgError(f"more than {MAX_ELEMENTS} elements")
        if self._depth > MAX_DEPTH:
            raise SvgError(f"nested deeper than {MAX_DEPTH}")
        local = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        return super().start(tag.rpartition("}")[2], local)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])
