"""What the columns of an uploaded feed are taken for, with examples, for the page that confirms it."""

from __future__ import annotations

from typing import Any

from webapp.catalog.import_models import CatalogImport
from webapp.catalog.importer.feeds.legacy import ENCODINGS
from webapp.catalog.importer.feeds.targets import FIELDS, HELPERS
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.mappings import feed_mapped

_AT_MOST = 1 << 24  # bytes by which the encoding is detected here; the import itself reads all


def mapping_payload(row: CatalogImport) -> dict[str, Any]:
    """Return the mapping of an import whose file is there. Raises FeedError for an unusable feed."""
    with row.feed.open("rb") as stream:
        mapped = feed_mapped(stream, row.feed_name, row.mapping, at_most=_AT_MOST)
        examples = mapped.examples()
    mapping, problem = mapped.mapping, ""
    try:
        mapping.check_complete()
    except FeedError as error:
        problem = str(error)
    return {
        "layout": mapping.layout.name,
        "title": mapping.layout.title,
        "help": mapping.layout.help,
        "kept": mapped.kept,
        "columns": [
            {"name": name, "target": mapping.columns[name], "examples": examples[name]}
            for name in mapped.feed.header
        ],
        "constants": dict(mapping.constants),
        "encoding": mapped.feed.encoding.codec if mapped.feed.encoding else "",
        "encoding_given": mapping.encoding,
        "encodings": list(ENCODINGS) if mapped.feed.encoding else [],
        "problem": problem,
        "targets": [*FIELDS, *HELPERS],
    }
