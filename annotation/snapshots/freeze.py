"""Freezing a campaign: an immutable folder in the layout of `ml/datasets/snapshot.py`, and its row.

The folder's id is the SHA-256 of its manifest, which holds the SHA-256 of every file and nothing of the moment of
freezing: votes that have not changed give the same id, and the same id the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.apps import apps

from annotation.consensus.aggregate import Aggregation
from annotation.models import Campaign, CandidateSet
from annotation.snapshots.content import Content, Row, Shares, content_of
from ml.sketch.formats.quickdraw import Drawing, write_drawings
from ml.sketch.strokes import parse_sketch
from webapp.accounts.models import User
from webapp.stores import artifacts

MANIFEST, PRODUCTS, SKETCHES, TRIPLETS, VOTES = (
    "manifest.json",
    "products.jsonl",
    "sketches.ndjson",
    "triplets.jsonl",
    "votes.jsonl",
)
FORMAT, VERSION = "sketchfind-snapshot", 1


def snapshot_freeze(
    *,
    campaign: Campaign,
    aggregation: Aggregation = "majority",
    shares: Shares = Shares(),  # noqa: B008 (frozen)
    name: str = "",
    created_by: User | None = None,
) -> Any:
    """A `registry.DatasetSnapshot` of the campaign's counted votes: a new one, or the one that equal votes gave."""
    name = name or f"{campaign.slug}, {aggregation}"
    content = content_of(campaign, aggregation, shares)
    with tempfile.TemporaryDirectory(prefix="snapshot-") as temporary:
        folder = Path(temporary)
        files = _written(folder, content)
        manifest = _manifest(campaign, aggregation, shares, content, files)
        data = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
        (folder / MANIFEST).write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        artifacts.publish(folder, folder_of(sha256), files, last=MANIFEST)
    snapshot, _ = apps.get_model("registry", "DatasetSnapshot").objects.get_or_create(
        sha256=sha256,
        defaults={
            "name": name[:120],
            "format": "snapshot",
            "folder": folder_of(sha256),
            "facts": {key: manifest[key] for key in ("campaign", "consensus", "split", "counts", "created")},
            "created_by": created_by,
        },
    )
    return snapshot


def snapshots_of(campaign: Campaign) -> Any:
    """The campaign's `registry.DatasetSnapshot` rows, newest first."""
    rows = apps.get_model("registry", "DatasetSnapshot").objects
    return rows.filter(format="snapshot", facts__campaign__slug=campaign.slug).order_by("-pk")


def folder_of(sha256: str) -> str:
    """Where a snapshot of that id is kept."""
    return f"snapshots/{sha256}"


def _written(folder: Path, content: Content) -> dict[str, str]:
    """Writes every file but the manifest; their SHA-256 by name."""
    _jsonl(folder / PRODUCTS, content.products)
    _jsonl(folder / TRIPLETS, content.triplets)
    _jsonl(folder / VOTES, content.votes)
    drawings = (
        Drawing(parse_sketch(sketch.strokes), key_id=sketch.key, word=row["word"], fields=_but_word(row))
        for sketch, row in content.sketches
    )
    write_drawings(folder / SKETCHES, drawings)
    names = [PRODUCTS, SKETCHES, TRIPLETS, VOTES]
    (folder / "photos").mkdir()
    for name, photo in content.photos.items():
        with photo.file.storage.open(photo.file.name or "") as source, (folder / name).open("wb") as target:
            shutil.copyfileobj(source, target)
        names.append(name)
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}


def _manifest(
    campaign: Campaign, aggregation: Aggregation, shares: Shares, content: Content, files: dict[str, str]
) -> Row:
    assert content.as_of is not None
    chosen = CandidateSet.objects.filter(campaign=campaign).order_by("pk").first()
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": campaign.title,
        "created": content.as_of.isoformat(),  # the last vote's time: the moment of freezing changes no byte
        "parent": None,
        "campaign": {
            "slug": campaign.slug,
            "kind": campaign.kind,
            "release": campaign.release_id,
            "seed": campaign.seed,
            "votes_per_task": campaign.votes_per_task,
            "stop_when_decided": campaign.stop_when_decided,
            "choice": campaign.settings.get("choice"),
            "weights": chosen.weights if chosen else None,
            "true_match_forced": chosen.true_match_forced if chosen else None,
        },
        "consensus": {
            "aggregation": aggregation,
            "tie": "no triplet",
            "workers": content.facts["workers"],
            "alpha": content.facts["alpha"],
            "agreement": content.facts["agreement"],
            "synthetic_votes": content.facts["synthetic_votes"],
        },
        "split": {"by": "product", "val": shares.val, "test": shares.test},
        "counts": {
            "products": len(content.products),
            "sketches": len(content.sketches),
            "triplets": len(content.triplets),
            "ties": content.facts["ties"],
            "votes": len(content.votes),
            "random": sum(row["random"] for row in content.triplets),
        },
        "files": files,
    }


def _jsonl(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def _but_word(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "word"}
