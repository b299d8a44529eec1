"""Freezing a campaign's votes into an immutable folder in the format of `ml.contracts.snapshot`, and its row.

The folder's id is the SHA-256 of its manifest, which holds the SHA-256 of every file but not the time of freezing:
unchanged votes give the same id, and the same id means the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol, cast

from django.apps import apps
from django.db import models

from annotation.consensus.aggregate import Aggregation
from annotation.errors import NothingToFreezeError
from annotation.models import Campaign, CandidateSet, Kind
from annotation.snapshots.content import Content, Shares, Unsettled, content_of
from ml.contracts.snapshot import (
    FORMAT,
    MANIFEST,
    PHOTOS,
    VERSION,
    Manifest,
    write_files,
    write_manifest,
)
from ml.errors import gettext_noop
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import parse_sketch
from webapp.accounts.models import User
from webapp.stores import artifacts

_FACTS = ("campaign", "consensus", "split", "counts", "created")  # of the manifest, kept in the row


class SnapshotRow(Protocol):
    """The fields of `registry.DatasetSnapshot` used here; annotation must not import registry."""

    pk: int
    name: str
    sha256: str
    folder: str
    facts: dict[str, Any]


def snapshot_freeze(
    *,
    campaign: Campaign,
    aggregation: Aggregation = "majority",
    shares: Shares = Shares(),  # noqa: B008 (frozen)
    unsettled: Unsettled = "left_out",
    name: str = "",
    created_by: User | None = None,
) -> SnapshotRow:
    """Freeze the campaign's counted votes; return the new `registry.DatasetSnapshot`, or that of equal votes.

    Raises NothingToFreezeError if there would be nothing to train on.
    """
    if campaign.kind == Kind.ATTRIBUTES:
        raise NothingToFreezeError(
            "campaign",
            gettext_noop("collects attributes, which make no triplets; freeze a table of attributes instead"),
        )
    name = name or f"{campaign.slug}, {aggregation}"
    content = content_of(campaign, aggregation, shares, unsettled)
    _check_not_empty(campaign, content, unsettled)
    with tempfile.TemporaryDirectory(prefix="snapshot-") as temporary:
        folder = Path(temporary)
        files = _written(folder, content)
        manifest = _manifest(campaign, aggregation, shares, unsettled, content, files)
        sha256 = write_manifest(folder, manifest)
        artifacts.publish(folder, folder_of(sha256), files, last=MANIFEST)
    snapshot, _ = _rows().get_or_create(
        sha256=sha256,
        defaults={
            "name": name[:120],
            "format": "snapshot",
            "folder": folder_of(sha256),
            "facts": {key: value for key, value in manifest.items() if key in _FACTS},
            "created_by": created_by,
        },
    )
    return cast(SnapshotRow, snapshot)


def _check_not_empty(campaign: Campaign, content: Content, unsettled: Unsettled) -> None:
    if campaign.kind == Kind.SKETCHES and not content.sketches:
        raise NothingToFreezeError(
            "campaign", gettext_noop("has no drawing yet of a product that has a photo; nothing was frozen")
        )
    if campaign.kind != Kind.TRIPLETS or content.triplets:
        return
    if content.facts.unsettled and unsettled != "flagged":
        raise NothingToFreezeError(
            "unsettled",
            gettext_noop(
                "all triplets that have answers ({n}) await more; wait for them, or include unsettled triplets, flagged"
            ),
            n=content.facts.unsettled,
        )
    if content.facts.ties:
        raise NothingToFreezeError(
            "campaign",
            gettext_noop("all its triplets ({n}) are tied; nothing was frozen"),
            n=content.facts.ties,
        )
    raise NothingToFreezeError(
        "campaign",
        gettext_noop("has no answered triplet of products that have photos; nothing was frozen"),
    )


def snapshots_of(campaign: Campaign, limit: int) -> list[SnapshotRow]:
    """Return the campaign's snapshots, newest first, at most `limit`."""
    rows = _rows().filter(format="snapshot", facts__campaign__slug=campaign.slug)
    return cast("list[SnapshotRow]", list(rows.order_by("-pk")[:limit]))


def snapshot_row(pk: int) -> SnapshotRow | None:
    """Return the snapshot with this primary key."""
    return cast("SnapshotRow | None", _rows().filter(pk=pk).first())


def _rows() -> models.Manager[models.Model]:
    return apps.get_model("registry", "DatasetSnapshot")._default_manager


def folder_of(sha256: str) -> str:
    """Return the storage folder of the snapshot with this id."""
    return f"snapshots/{sha256}"


def _written(folder: Path, content: Content) -> dict[str, str]:
    """Write every file except the manifest, and return their SHA-256 by name."""
    drawings = (
        Drawing(
            parse_sketch(one.sketch.strokes),
            one.sketch.key,
            one.word,
            fields={"photo": one.photo, "split": one.split},
        )
        for one in content.sketches
    )
    names = write_files(
        folder,
        products=content.products,
        drawings=drawings,
        triplets=content.triplets,
        votes=content.votes,
        unsettled=content.unsettled,
    )
    (folder / PHOTOS).mkdir()
    for name, photo in content.photos.items():
        with photo.file.storage.open(photo.file.name or "") as source, (folder / name).open("wb") as target:
            shutil.copyfileobj(source, target)
        names.append(name)
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)}


def _manifest(
    campaign: Campaign,
    aggregation: Aggregation,
    shares: Shares,
    unsettled: Unsettled,
    content: Content,
    files: dict[str, str],
) -> Manifest:
    assert content.as_of is not None
    chosen = CandidateSet.objects.filter(campaign=campaign).order_by("pk").first()
    manifest: Manifest = {
        "format": FORMAT,
        "version": VERSION,
        "name": campaign.title,
        "created": content.as_of.isoformat(),  # of the last answer, so that the time of freezing changes no byte
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
            "workers": content.facts.workers,
            "alpha": content.facts.alpha,
            "agreement": content.facts.agreement,
            "synthetic_votes": content.facts.synthetic_votes,
        },
        "split": {"by": "product", "val": shares.val, "test": shares.test},
        "counts": {
            "products": len(content.products),
            "sketches": len(content.sketches),
            "triplets": len(content.triplets),
            "ties": content.facts.ties,
            "votes": len(content.votes),
            "random": sum(row["random"] for row in content.triplets),
        },
        "files": files,
    }
    # Without either, the bytes are as they were before there were any.
    if content.facts.experts:
        manifest["consensus"]["experts"] = content.facts.experts
    if content.facts.unsettled:
        manifest["consensus"]["unsettled"] = unsettled
        manifest["counts"]["unsettled"] = content.facts.unsettled
    return manifest
