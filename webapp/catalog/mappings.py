"""Open a feed with what its columns are known to mean: recognised, kept from an earlier feed, or given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any

from ml.errors import gettext_noop
from webapp.accounts.models import User
from webapp.catalog.import_models import CatalogImport, FeedMapping
from webapp.catalog.importer.feeds import mapping as columns
from webapp.catalog.importer.feeds.opening import feed_open
from webapp.catalog.importer.feeds.products import product_rows
from webapp.catalog.importer.feeds.records import OpenFeed, RawRow
from webapp.catalog.importer.findings import RowError

N_EXAMPLES = 3
_GUESSED = gettext_noop(
    "the feed was read as {codec}, which few words suggest; if letters are wrong, save it as UTF-8 or set its encoding"
)


@dataclass(frozen=True, slots=True)
class MappedFeed:
    """A feed with the meaning of its columns; `kept`: an operator has confirmed it before."""

    feed: OpenFeed
    mapping: columns.Mapping
    kept: bool

    def rows(self) -> Iterator[RawRow]:
        """Yield a row per product. Raises FeedError if the mapping lacks something that every row needs."""
        self.mapping.check_complete()
        rows = product_rows(self.feed.records, self.mapping)
        encoding = self.feed.encoding
        return rows if encoding is None or encoding.is_sure else _doubted(rows, encoding.codec)

    def examples(self) -> dict[str, list[str]]:
        """Return the first values of each column. Reads the beginning of the feed."""
        first = [record.fields for record in islice(self.feed.records, 20) if record.fields]
        return {
            name: [str(row[name])[:120] for row in first if row.get(name) not in (None, "", [])][:N_EXAMPLES]
            for name in self.feed.header
        }


def _doubted(rows: Iterator[RawRow], codec: str) -> Iterator[RawRow]:
    """Yield the rows, the first with a warning that the encoding is a guess."""
    for row in islice(rows, 1):
        yield replace(row, warnings=(*row.warnings, RowError("encoding", _GUESSED, codec=codec)))
    yield from rows


def feed_mapped(
    stream: IO[bytes], name: str, given: Mapping[str, Any] | None = None, *, at_most: int | None = None
) -> MappedFeed:
    """Open a feed with that file name; `given` overrides what is kept of its header.

    at_most: detect the encoding by that many bytes only. Raises FeedError for an unusable feed or mapping.
    """
    feed = feed_open(stream, name, encoding=(given or {}).get("encoding") or "", at_most=at_most)
    kept = FeedMapping.objects.filter(header=columns.header_key(feed.header)).first()
    found = given or (kept.mapping if kept else None)
    if found and not given and (encoding := found.get("encoding")):
        if feed.encoding and feed.encoding.is_legacy:
            feed = feed_open(stream, name, encoding=encoding)
        else:  # a later feed may be in Unicode
            found = {key: value for key, value in found.items() if key != "encoding"}
    return MappedFeed(feed, columns.mapping_of(feed.header, found), kept is not None)


def mapping_keep(*, row: CatalogImport, given: Mapping[str, Any], by: User) -> None:
    """Set the mapping of an import, and keep it for the next feed with the same header. Raises FeedError."""
    with row.feed.open("rb") as stream:
        mapped = feed_mapped(stream, row.feed_name, given, at_most=1 << 24)
    as_json = mapped.mapping.as_json()
    row.mapping = as_json
    if (
        mapped.feed.kind != "csv"
        and row.remote_feed
        and row.remote_feed.mapping.get("layout") == as_json["layout"]
    ):
        # Records that leave fields out may have them in the next fetch.
        row.mapping = {**as_json, "columns": {**row.remote_feed.mapping["columns"], **as_json["columns"]}}
    CatalogImport.objects.filter(pk=row.pk).update(mapping=row.mapping)
    FeedMapping.objects.update_or_create(
        header=columns.header_key(mapped.feed.header), defaults={"mapping": as_json, "updated_by": by}
    )
