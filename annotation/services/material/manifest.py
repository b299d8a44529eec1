"""Read a zip of own sketches or photos: its manifest as rows, each naming a file in the zip."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any

from annotation.models.material import OWN_ID_MAX
from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.opening import feed_open
from webapp.catalog.importer.feeds.records import OpenFeed, RawRow
from webapp.catalog.importer.findings import FeedError, RowError
from webapp.catalog.importer.sources import ZipPictures

MAX_ROWS = 20_000
MAX_MANIFEST_BYTES = 20_000_000
MANIFESTS = ("manifest.csv", "manifest.json", "manifest.jsonl")
COLUMNS = {
    "sketches": ("id", "name", "true_match", "file", "item"),
    "photos": ("id", "name", "file"),
}
_ALIASES = {"word": "name", "own_id": "id", "sku": "true_match"}
_OWN_ID = re.compile(rf"[^\x00-\x1f\x7f]{{1,{OWN_ID_MAX}}}\Z")


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One sketch or photo. item: which one, of a file that holds several. number: the first row is 1."""

    number: int
    own_id: str
    file: str
    name: str = ""
    true_match: str = ""
    item: str = ""


def manifest_open(stream: IO[bytes], *, what: str, max_bytes: int) -> tuple[list[RawRow], ZipPictures]:
    """Return the manifest's records, and the zip's files, of at most `max_bytes` each.

    Raises FeedError if the zip or its manifest is unusable as a whole.
    """
    with _errors_of("file"):
        files = ZipPictures(stream, max_bytes)
    return list(_records(files, COLUMNS[what])), files


def _records(files: ZipPictures, columns: Sequence[str]) -> Iterator[RawRow]:
    name, data = _manifest(files)
    table = table_open(io.BytesIO(data), name, field="manifest")
    columns_check(table.header, columns, needed=("id", "file"), aliases=_ALIASES)
    for n, record in enumerate(table.records, start=1):
        if n > MAX_ROWS:
            raise FeedError("manifest", gettext_noop("more than {max} rows"), max=MAX_ROWS)
        yield record


def table_open(stream: IO[bytes], name: str, *, field: str) -> OpenFeed:
    """Open a table of a study: CSV or JSON, as feeds are. Errors of the file as a whole name it as `field`."""
    with _errors_of(field):
        table = feed_open(stream, name)
    return replace(table, records=_records_of(table, field))


def _records_of(table: OpenFeed, field: str) -> Iterator[RawRow]:
    with _errors_of(field):
        yield from table.records


@contextmanager
def _errors_of(field: str) -> Iterator[None]:
    """Raise errors of a feed, or of its pictures, under another name: a study has neither."""
    try:
        yield
    except FeedError as error:
        if error.field not in {"feed", "images"}:
            raise
        raise FeedError(field, error.template, **error.values) from error


def _manifest(files: ZipPictures) -> tuple[str, bytes]:
    there = {info.filename.rpartition("/")[2].lower(): info for info in files.zip.filelist}
    for name in MANIFESTS:
        if name in there:
            if there[name].file_size > MAX_MANIFEST_BYTES:
                raise FeedError("manifest", gettext_noop("more than {max} bytes"), max=MAX_MANIFEST_BYTES)
            return name, files.read(there[name].filename)
    raise FeedError(
        "manifest",
        gettext_noop("missing: the zip needs a {names}, with a row for each picture"),
        names=", ".join(MANIFESTS),
    )


def columns_check(
    header: Sequence[str], columns: Sequence[str], *, needed: Sequence[str], aliases: Mapping[str, str]
) -> None:
    """Raise FeedError for an unknown column, since a misspelt one would be lost, for a missing one and for one twice."""
    named = [aliases.get(_key(name), _key(name)) for name in header]
    first: dict[str, str] = {}
    for name, given in zip(named, header, strict=True):
        if first.setdefault(name, given) != given:
            raise FeedError(
                given[:80],
                gettext_noop("{first} and {second} mean the same column; leave one of them out"),
                first=first[name],
                second=given,
            )
        if name not in columns:
            raise FeedError(
                given[:80] or "header",
                gettext_noop("no such column; there are {names}"),
                names=", ".join(columns),
            )
    for name in needed:
        if name not in named:
            raise FeedError(name, gettext_noop("this column is missing"))


def record_fields(record: RawRow, aliases: Mapping[str, str]) -> dict[str, str]:
    """Return a record's filled fields as text. Raises RowError if it cannot be read."""
    if record.fields is None:
        raise RowError("row", record.why, **record.values)
    found: dict[str, str] = {}
    for key, value in record.fields.items():
        name = _key(str(key))
        if (text := _text(value)) != "":
            found[aliases.get(name, name)] = text
    return found


def manifest_row(record: RawRow) -> ManifestRow:
    """Return a validated row. Raises RowError naming the wrong column."""
    fields = record_fields(record, _ALIASES)
    own_id = own_id_checked(fields.get("id", ""))
    if "file" not in fields:
        raise RowError("file", gettext_noop("missing"))
    for name, most in (("name", 120), ("true_match", 64), ("item", 120)):
        if len(fields.get(name, "")) > most:
            raise RowError(name, gettext_noop("more than {max} characters"), max=most)
    return ManifestRow(
        record.number,
        own_id,
        fields["file"],
        fields.get("name", ""),
        fields.get("true_match", ""),
        fields.get("item", ""),
    )


def own_id_checked(own_id: str) -> str:
    """Return an own id. Raises RowError."""
    if not own_id:
        raise RowError("id", gettext_noop("missing"))
    if not _OWN_ID.match(own_id):
        raise RowError("id", gettext_noop("1 to {max} printable characters"), max=OWN_ID_MAX)
    return own_id


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _text(value: Any) -> str:
    """Return a value of CSV or JSON as text; numbers as they are written."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
