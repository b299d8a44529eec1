"""Freezing an attribute campaign's merged answers into an immutable folder, and its row.

    manifest.json      campaign, attributes, agreement, counts, SHA-256 of the other files
    attributes.jsonl   one `AttributeRow` per line
    votes.jsonl        one counted vote per line

As with snapshots, the id is the SHA-256 of the manifest, and equal answers give the same id.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from annotation.consensus.attributes import AttributeAggregation
from annotation.models import AttributeTable, Campaign, Kind
from annotation.selectors.attribute_tables import ATTRIBUTES, MANIFEST, VOTES
from annotation.snapshots.attributes.content import Unsettled, attribute_content
from webapp.accounts.models import User
from webapp.http.problems import ConflictError
from webapp.stores import artifacts

FORMAT, VERSION = "sketchfind-attributes", 1


def attributes_freeze(
    *,
    campaign: Campaign,
    aggregation: AttributeAggregation = "majority",
    unsettled: Unsettled = "left_out",
    name: str = "",
    created_by: User | None = None,
) -> AttributeTable:
    """Freeze the campaign's merged answers; return the new table, or that of equal answers.

    Raises ConflictError for another kind of campaign, or if nothing is settled yet.
    """
    if campaign.kind != Kind.ATTRIBUTES:
        raise ConflictError("This is not an attribute campaign; freeze a snapshot instead.")
    content = attribute_content(campaign, aggregation, unsettled)
    if not content.rows:
        raise ConflictError("No product or sketch has all its answers yet.")
    with tempfile.TemporaryDirectory(prefix="attributes-") as temporary:
        folder = Path(temporary)
        files = {
            ATTRIBUTES: _written(folder / ATTRIBUTES, content.rows),
            VOTES: _written(folder / VOTES, content.votes),
        }
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "name": campaign.title,
            "created": content.as_of.isoformat(),  # of the last vote, so that the time of freezing changes no byte
            "campaign": {"slug": campaign.slug, "votes_per_task": campaign.votes_per_task},
            "attributes": campaign.ontology,
            **content.facts,
            "files": files,
        }
        data = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
        (folder / MANIFEST).write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        artifacts.publish(folder, folder_of(sha256), files, last=MANIFEST)
    table, _ = AttributeTable.objects.get_or_create(
        sha256=sha256,
        defaults={
            "campaign": campaign,
            "name": (name or f"{campaign.slug}, {aggregation}")[:120],
            "aggregation": aggregation,
            "folder": folder_of(sha256),
            "facts": {"attributes": campaign.ontology, **content.facts},
            "created_by": created_by,
        },
    )
    return table


def folder_of(sha256: str) -> str:
    """Return the storage folder of the table with this id."""
    return f"attributes/{sha256}"


def _written(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write one line per row and return the file's SHA-256."""
    lines = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    path.write_bytes(lines.encode())
    return hashlib.sha256(lines.encode()).hexdigest()
