"""Freeze clicks into a snapshot: a new one that names its parent, with the clicks in a file of their own.

The parent's votes and triplets are copied byte for byte, so what crowd workers judged is the same in both. Without a
parent, the snapshot contains only clicks.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from annotation.snapshots.content import Shares
from annotation.snapshots.freeze import folder_of
from ml.contracts.snapshot import (
    CLICKS,
    FORMAT,
    MANIFEST,
    PHOTOS,
    PRODUCTS,
    SKETCHES,
    TRIPLETS,
    UNSETTLED,
    VERSION,
    VOTES,
    Manifest,
    ProductRow,
    read_lines,
    read_manifest,
    read_product,
    write_files,
    write_manifest,
)
from ml.contracts.split import Split
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import parse_sketch
from webapp.accounts.models import User
from webapp.catalog.skus import sku_stem
from webapp.clicks.teaching.collect import Collected, clicks_collect
from webapp.http.problems import ConflictError
from webapp.registry.datasets import snapshot_folder
from webapp.registry.models import DatasetSnapshot
from webapp.stores import artifacts

_FACTS = ("campaign", "consensus", "split", "clicks", "counts", "created")


def clicks_freeze(
    *, base: DatasetSnapshot | None, name: str = "", created_by: User | None = None
) -> DatasetSnapshot:
    """Return the snapshot of `base` with the weak triplets recorded until now; the same clicks give the same one.

    Raises ConflictError if the site does not learn from clicks, if none was kept with its drawing, or if `base` already
    contains clicks or is no snapshot.
    """
    if not settings.LEARN_FROM_CLICKS:
        raise ConflictError("The site does not learn from clicks; set SKETCHFIND_LEARN_FROM_CLICKS=true.")
    if base is not None and base.format != "snapshot":
        raise ConflictError(f"{base.name} is no snapshot of this site.")
    source = snapshot_folder(base) if base is not None else None
    if source is not None and (source / CLICKS).exists():
        raise ConflictError(f"{base} already contains clicks; choose the snapshot that it was made of.")
    parent = read_manifest((source / MANIFEST).read_bytes()) if source else None
    split = (parent.get("split") if parent else None) or {
        "by": "product",
        "val": Shares().val,
        "test": Shares().test,
    }
    known = _splits(source) if source else {}
    collected = clicks_collect(known=known, shares=Shares(val=split["val"], test=split["test"]))
    if not collected.answers:
        raise ConflictError("No click was recorded with its drawing yet.")
    with tempfile.TemporaryDirectory(prefix="clicks-") as temporary:
        folder = Path(temporary)
        files = _written(folder, source, collected, known)
        manifest = cast(
            Manifest,
            {
                **(parent or {"format": FORMAT, "version": VERSION}),
                "name": name or (f"{base.name}, with clicks" if base else "clicks"),
                "created": collected.answers[-1].answer.at.isoformat(),
                "parent": base.sha256 if base else None,
                "split": split,
                "clicks": _facts(collected),
                "counts": _counts(folder, parent),
                "files": files,
            },
        )
        sha256 = write_manifest(folder, manifest)
        artifacts.publish(folder, folder_of(sha256), files, last=MANIFEST)
    snapshot, _ = DatasetSnapshot.objects.get_or_create(
        sha256=sha256,
        defaults={
            "name": manifest["name"][:120],
            "format": "snapshot",
            "folder": folder_of(sha256),
            "facts": {key: value for key, value in manifest.items() if key in _FACTS},
            "created_by": created_by,
        },
    )
    return snapshot


def _written(
    folder: Path, source: Path | None, collected: Collected, known: dict[str, Split]
) -> dict[str, str]:
    """Write all files except the manifest, and return their SHA-256 by name."""
    new = {sku: product for sku, product in collected.products.items() if sku not in known}
    products: list[ProductRow] = []
    (folder / PHOTOS).mkdir()
    for sku, product in new.items():
        photo = product.main_photo
        assert photo is not None
        name = f"{PHOTOS}/{sku_stem(sku)}.{(photo.file.name or '').rpartition('.')[2]}"
        with photo.file.storage.open(photo.file.name or "") as opened, (folder / name).open("wb") as target:
            shutil.copyfileobj(opened, target)
        products.append(
            {
                "key": sku,
                "name": product.name,
                "category": product.category.slug,
                "split": collected.splits[sku],
                "photo": name,
            }
        )
    write_files(
        folder,
        products=products,
        drawings=_drawings(collected),
        triplets=[],
        votes=[],
        clicks=[row for taught in collected.answers for row in taught.rows],
    )
    if source is not None:
        for name in (TRIPLETS, VOTES, UNSETTLED):
            if (source / name).exists():
                shutil.copyfile(source / name, folder / name)
        for name in (PRODUCTS, SKETCHES):
            (folder / name).write_bytes((source / name).read_bytes() + (folder / name).read_bytes())
        for path in (source / PHOTOS).iterdir():
            shutil.copyfile(path, folder / PHOTOS / path.name)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def _drawings(collected: Collected) -> Iterator[Drawing]:
    for taught in collected.answers:
        sketch = parse_sketch(taught.answer.sketch)
        yield Drawing(sketch, taught.key, taught.category, fields={"photo": None, "split": taught.split})


def _splits(source: Path) -> dict[str, Split]:
    rows = (read_product(row, where) for where, row in read_lines((source / PRODUCTS).read_bytes(), PRODUCTS))
    return {row["key"]: row["split"] for row in rows}


def _facts(collected: Collected) -> dict[str, Any]:
    answers, bias = collected.answers, collected.bias
    return {
        "answers": len(answers),
        "clicks": collected.n_clicks,
        "exponent": round(bias.exponent, 4),
        "ci95": [round(end, 4) for end in bias.ci95],
        "swap_clicks": bias.n_clicks,
        "since": answers[0].answer.at.isoformat(),
        "until": answers[-1].answer.at.isoformat(),
    }


def _counts(folder: Path, parent: Manifest | None) -> dict[str, int]:
    """Return the parent's counts, with products and sketches counted again, and the clicks'."""
    lines = {"products": PRODUCTS, "sketches": SKETCHES, "clicks": CLICKS}
    counts = parent.get("counts") if parent else None
    kept = dict(counts or {"triplets": 0, "ties": 0, "votes": 0, "random": 0})
    counted = {kind: (folder / name).read_bytes().count(b"\n") for kind, name in lines.items()}
    return cast("dict[str, int]", {**kept, **counted})
