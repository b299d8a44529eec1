"""XML of Google Merchant -> records: the items of RSS 2.0 or the entries of Atom, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.findings import FeedError

MAX_ITEM_BYTES = 2_000_000
MAX_DEPTH = 32
_ITEMS = {"item", "entry"}


def xml_records(stream: IO[bytes]) -> Iterator[RawRow]:
    """Yield a record for each item. Names are without their namespace; repeated elements become lists.

    Raises FeedError where the XML is broken, has entities of its own, or an item is too long.
    """
    bounded, number, parents, n_items = _Bounded(stream), 0, list[Element](), 0
    try:
        for event, element in iterparse(bounded, events=("start", "end"), forbid_dtd=True):
            is_item = _local(element) in _ITEMS
            if event == "start":
                parents.append(element)
                n_items += is_item
                if len(parents) > MAX_DEPTH:
                    raise FeedError(
                        "feed",
                        gettext_noop(
                            "after row {row}: elements nested deeper than {max}; export the file again"
                        ),
                        row=number,
                        max=MAX_DEPTH,
                    )
                continue
            parents.pop()
            n_items -= is_item
            if is_item and not n_items and len(parents) <= 3:
                number += 1
                yield RawRow(number, _fields(element))
                bounded.n_read = 0
            if parents and not n_items:
                parents[-1].remove(element)  # memory stays that of one item
    except ParseError as error:
        raise FeedError(
            "feed",
            gettext_noop("broken XML after row {number}: {why}; {hint}"),
            number=number,
            why=error,
            hint=_hint(error),
        ) from error
    except DefusedXmlException as error:
        raise FeedError(
            "feed", gettext_noop("the XML has a DOCTYPE or entities of its own; remove them")
        ) from error
    if not number:
        raise FeedError(
            "feed",
            gettext_noop("no <item> (RSS 2.0) or <entry> (Atom) in the XML; export it for Google Merchant"),
        )


class _Bounded:
    """A stream of which not too much is read between two items."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.n_read = 0

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.n_read += len(data)
        if self.n_read > MAX_ITEM_BYTES:
            raise FeedError("feed", gettext_noop("no end of an <item> in {max} bytes"), max=MAX_ITEM_BYTES)
        return data


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _hint(error: ParseError) -> FeedError:
    if "unbound prefix" in str(error):
        return FeedError("feed", gettext_noop('declare it: xmlns:g="http://base.google.com/ns/1.0"'))
    return FeedError("feed", gettext_noop("export the file again"))


def _fields(item: Element) -> dict[str, Any]:
    """Return the children by name. Google's own (`g:title`) come before RSS's (`title`)."""
    fields: dict[str, Any] = {}
    several: dict[str, list[Any]] = {}
    google: set[str] = set()
    for child in item:
        name, of_google = _local(child), "base.google.com" in str(child.tag)
        value = _value(child)
        if not name or value in ("", {}):
            continue
        if of_google and name not in google:
            google.add(name)
            several.pop(name, None)
            fields[name] = value
        elif name not in fields:
            fields[name] = value
        elif of_google or name not in google:
            several.setdefault(name, [fields[name]]).append(value)
    return fields | several


def _value(element: Element) -> Any:
    if len(element):
        return {_local(child): (child.text or "").strip() for child in element}
    return (element.text or "").strip() or element.get("href", "").strip()
