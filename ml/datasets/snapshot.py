"""Format `snapshot`: an export of the site, a folder or a zip of it, immutable once written.

`manifest.json`, `products.jsonl`, `sketches.ndjson`, `triplets.jsonl` and `photos/`, defined in `ml.contracts.snapshot`.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml.contracts.snapshot import (
    CLICKS,
    MANIFEST,
    PRODUCTS,
    SKETCHES,
    TRIPLETS,
    Manifest,
    read_lines,
    read_manifest,
    read_product,
    read_split,
    read_triplet,
)
from ml.datasets.files import Files
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.errors import DatasetError
from ml.sketch.strokes import Sketch


def read_snapshot(files: Files, val: float = 0.0) -> PairDataset:
    """Read a snapshot with its own splits; `val` must be 0. Raises DatasetError naming file and line."""
    if val:
        raise DatasetError("val", f"{val}, must be 0: a snapshot has its own validation split")
    files = files.holding(MANIFEST)
    manifest(files)
    photos: list[PhotoRow] = []
    photo_row: dict[str, int] = {}
    for where, line in read_lines(files.read(PRODUCTS), PRODUCTS):
        row = read_product(line, where)
        _new(row["key"], photo_row, where)
        photos.append(PhotoRow(row["key"], row["category"], row["split"], row["photo"], row["edge"]))
    sketches: list[SketchRow] = []
    sketch_row: dict[str, int] = {}
    drawings: list[Sketch] = []
    for number, drawing in enumerate(files.drawings(SKETCHES), start=1):
        where = f"{SKETCHES}:{number}"
        _new(drawing.key_id, sketch_row, where)
        product = drawing.fields.get("photo")
        own = -1 if product is None else _known(product, photo_row, f"{where}.photo")
        named = own < 0 or "split" in drawing.fields
        split = read_split(drawing.fields, where) if named else photos[own].split
        sketches.append(SketchRow(drawing.key_id, drawing.word, split, own))
        drawings.append(drawing.sketch)
    votes: list[tuple[int, int, int]] = []
    for where, line in read_lines(files.read(TRIPLETS), TRIPLETS):
        one = read_triplet(line, where)
        sketch = _known(one.sketch, sketch_row, f"{where}.sketch")
        positive = _known(one.positive, photo_row, f"{where}.positive")
        negative = _known(one.negative, photo_row, f"{where}.negative")
        if one.split != sketches[sketch].split:
            raise DatasetError(f"{where}.split", f"expected its sketch's, {sketches[sketch].split}")
        votes += [(sketch, positive, negative)] * one.n_positive
        votes += [(sketch, negative, positive)] * one.n_negative
    return PairDataset(
        format="snapshot",
        files=files,
        photos=photos,
        sketches=sketches,
        votes=_array(votes),
        drawings=drawings,
        sources=(MANIFEST, PRODUCTS, SKETCHES, TRIPLETS, *((CLICKS,) if CLICKS in files.files() else ())),
    )


def manifest(files: Files) -> Manifest:
    """Return the manifest of a snapshot. Raises DatasetError if it is missing or has another version."""
    if MANIFEST not in files.files():
        raise DatasetError(
            "--root", f"expected {MANIFEST}, {PRODUCTS}, {SKETCHES} and {TRIPLETS}, found {files.found()}"
        )
    return read_manifest(files.read(MANIFEST))


def snapshot_id(files: Files) -> str | None:
    """Return the id of a snapshot, the SHA-256 of its manifest; None for another layout."""
    files = files.holding(MANIFEST)
    return hashlib.sha256(files.read(MANIFEST)).hexdigest() if MANIFEST in files.files() else None


def altered(files: Files) -> list[str]:
    """Return a line for each difference from the manifest's checksums and counts; missing ones are not checked."""
    files = files.holding(MANIFEST)
    content = manifest(files)
    found = []
    for name, expected in content.get("files", {}).items():
        try:
            actual = hashlib.sha256(files.read(name)).hexdigest()
        except DatasetError as error:
            found.append(str(error))
            continue
        if actual != expected:
            found.append(
                f"{name}: sha256 {actual[:12]}..., expected {str(expected)[:12]}... as in the manifest"
            )
    lines = {"products": PRODUCTS, "sketches": SKETCHES, "triplets": TRIPLETS, "clicks": CLICKS}
    for kind, n_listed in content.get("counts", {}).items():
        if kind in lines:
            n = sum(bool(line.strip()) for line in files.read(lines[kind]).splitlines())
            if n != n_listed:
                found.append(f"{lines[kind]}: {n} rows, expected {n_listed} as in the manifest")
    return found


def _new(key: str, row_of: dict[str, int], where: str) -> None:
    """Assign the next row to the key."""
    if not key or key in row_of:
        raise DatasetError(where, f"expected a unique key, found {key!r}")
    row_of[key] = len(row_of)


def _known(key: object, row_of: Mapping[str, int], where: str) -> int:
    if not isinstance(key, str) or key not in row_of:
        raise DatasetError(where, f"expected the key of a listed row, found {key!r}")
    return row_of[key]


def _array(votes: list[tuple[int, int, int]]) -> NDArray[np.int32]:
    return np.array(votes, dtype=np.int32).reshape(-1, 3)
