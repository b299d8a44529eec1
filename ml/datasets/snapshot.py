"""Format `snapshot`: an export of the site, a folder or a zip of it, immutable once written.

    manifest.json     {"format": "sketchfind-snapshot", "version": 1, "name", "created", "parent": sha256 | null,
                       "consensus": {method and settings}, "counts": {"products", "sketches", "triplets"},
                       "files": {name: sha256 of every other file}}      format and version are required
    products.jsonl    {"key", "category", "split", "photo": "photos/...", "edge"?: "edges/..."} a line
    sketches.ndjson   {"key_id", "word": category, "photo": product key | null, "split"?, "drawing": [...]} a line
    triplets.jsonl    {"sketch": key_id, "positive": product key, "negative": product key, "split",
                       "votes"?: {"positive": 2, "negative": 1, "cant_tell": 0}} a line
    photos/*

A sketch without a product needs a split; any other lies in its product's. A triplet is the consensus on one unordered
pair of photos; `votes` counts the workers who chose each, absent means one vote for the positive. Unknown keys are
ignored. Two more keys that a line of triplets.jsonl may have are read by `ml.datasets.consensus` alone: "probability" of
the positive, and "random", true where the pair was drawn without regard to any model.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.files import Files
from ml.datasets.pairs import SPLITS, PairDataset, PhotoRow, SketchRow
from ml.errors import DatasetError
from ml.sketch.strokes import Sketch

MANIFEST, PRODUCTS, SKETCHES, TRIPLETS = (
    "manifest.json",
    "products.jsonl",
    "sketches.ndjson",
    "triplets.jsonl",
)
FORMAT, VERSION = "sketchfind-snapshot", 1
MAX_VOTES = 1_000  # on one triplet


def read_snapshot(files: Files, val: float = 0.0) -> PairDataset:
    """The splits are the snapshot's own; `val` must stay 0. Raises DatasetError naming file and line."""
    if val:
        raise DatasetError("val", "a snapshot brings its own validation split")
    files = files.holding(MANIFEST)
    manifest(files)
    photos: list[PhotoRow] = []
    photo_row: dict[str, int] = {}
    for where, row in rows(files, PRODUCTS):
        key = _text(row, "key", where)
        _new(key, photo_row, where)
        photo, edge = _text(row, "photo", where), str(row.get("edge") or "")
        photos.append(PhotoRow(key, _text(row, "category", where), _split(row, where), photo, edge))
    sketches: list[SketchRow] = []
    sketch_row: dict[str, int] = {}
    drawings: list[Sketch] = []
    for number, drawing in enumerate(files.drawings(SKETCHES), start=1):
        where = f"{SKETCHES}:{number}"
        _new(drawing.key_id, sketch_row, where)
        product = drawing.fields.get("photo")
        own = -1 if product is None else _known(product, photo_row, f"{where}.photo")
        split = _split(drawing.fields, where) if own < 0 or "split" in drawing.fields else photos[own].split
        sketches.append(SketchRow(drawing.key_id, drawing.word, split, own))
        drawings.append(drawing.sketch)
    votes: list[tuple[int, int, int]] = []
    for where, row in rows(files, TRIPLETS):
        sketch = _known(row.get("sketch"), sketch_row, f"{where}.sketch")
        positive = _known(row.get("positive"), photo_row, f"{where}.positive")
        negative = _known(row.get("negative"), photo_row, f"{where}.negative")
        if _split(row, where) != sketches[sketch].split:
            raise DatasetError(f"{where}.split", f"expected its sketch's, {sketches[sketch].split}")
        n_positive, n_negative = _counted(row.get("votes"), where)
        votes += [(sketch, positive, negative)] * n_positive + [(sketch, negative, positive)] * n_negative
    return PairDataset(
        format="snapshot",
        files=files,
        photos=photos,
        sketches=sketches,
        votes=_array(votes),
        drawings=drawings,
        sources=(MANIFEST, PRODUCTS, SKETCHES, TRIPLETS),
    )


def manifest(files: Files) -> Mapping[str, Any]:
    """The manifest of a snapshot. Raises DatasetError where it is missing or of another version."""
    if MANIFEST not in files.files():
        raise DatasetError(
            "--root", f"expected {MANIFEST}, {PRODUCTS}, {SKETCHES} and {TRIPLETS}, found {files.found()}"
        )
    content = _parsed(files.read(MANIFEST), MANIFEST)
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise DatasetError(
            MANIFEST,
            f"expected format {FORMAT!r} version {VERSION}, "
            f"found {content.get('format')!r} version {content.get('version')!r}",
        )
    return content


def altered(files: Files) -> list[str]:
    """What differs from the manifest's checksums and counts, a line each; nothing where it gives none."""
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
            found.append(f"{name}: sha256 {actual[:12]}..., the manifest says {str(expected)[:12]}...")
    lines = {"products": PRODUCTS, "sketches": SKETCHES, "triplets": TRIPLETS}
    for kind, expected in content.get("counts", {}).items():
        if kind in lines:
            n = sum(bool(line.strip()) for line in files.read(lines[kind]).splitlines())
            if n != expected:
                found.append(f"{lines[kind]}: {n} rows, the manifest says {expected}")
    return found


def rows(files: Files, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file, a line each, with the line's name. Raises DatasetError on a line that is none."""
    for number, line in enumerate(files.read(name).splitlines(), start=1):
        if line.strip():
            yield f"{name}:{number}", _parsed(line, f"{name}:{number}")


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DatasetError(where, f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise DatasetError(where, "expected a JSON object")
    return row


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise DatasetError(f"{where}.{name}", f"expected a text, found {value!r}")
    return value


def _split(row: Mapping[str, Any], where: str) -> Split:
    for split in SPLITS:
        if row.get("split") == split:
            return split
    raise DatasetError(f"{where}.split", f"expected one of {', '.join(SPLITS)}, found {row.get('split')!r}")


def _new(key: str, row_of: dict[str, int], where: str) -> None:
    """Gives the key the next row."""
    if not key or key in row_of:
        raise DatasetError(where, f"expected a key of its own, found {key!r}")
    row_of[key] = len(row_of)


def _known(key: object, row_of: Mapping[str, int], where: str) -> int:
    if not isinstance(key, str) or key not in row_of:
        raise DatasetError(where, f"expected a key that was listed, found {key!r}")
    return row_of[key]


def _counted(votes: object, where: str) -> tuple[int, int]:
    """Votes for the positive and for the negative."""
    if votes is None:
        return 1, 0
    counts = votes if isinstance(votes, dict) else {}
    positive, negative = counts.get("positive"), counts.get("negative", 0)
    if type(positive) is int and type(negative) is int and {positive, negative} <= set(range(MAX_VOTES + 1)):
        return positive, negative
    raise DatasetError(f"{where}.votes", f"expected counts of positive and negative, found {votes!r}")


def _array(votes: list[tuple[int, int, int]]) -> NDArray[np.int32]:
    return np.array(votes, dtype=np.int32).reshape(-1, 3)
