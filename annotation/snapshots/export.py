"""Exports of a snapshot: its triplets as CSV, JSONL or Parquet, or the whole folder as a zip to train on.

An export depends on the frozen folder alone, so the same id always gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from rest_framework.exceptions import NotFound

from annotation.snapshots.freeze import folder_of
from ml.contracts.snapshot import MANIFEST, PHOTOS, TRIPLETS, read_lines, read_manifest
from webapp.http.problems import ConflictError
from webapp.stores import artifacts

Format = Literal["csv", "jsonl", "parquet", "zip"]
COLUMNS = {
    "sketch": pa.string(),
    "positive": pa.string(),
    "negative": pa.string(),
    "votes_positive": pa.int32(),
    "votes_negative": pa.int32(),
    "votes_cant_tell": pa.int32(),
    "probability": pa.float64(),
    "split": pa.string(),
    "random": pa.bool_(),
    "settled": pa.bool_(),
    "expert": pa.bool_(),
}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can store


@dataclass(frozen=True, slots=True)
class Export:
    """An exported file."""

    name: str
    content_type: str
    data: bytes


def snapshot_export(*, sha256: str, folder: str, format: Format) -> Export:
    """Return the snapshot with this id, stored in `folder`, in one of `FORMATS`.

    Raises ConflictError for a dataset registered from a folder, NotFound if the files are missing.
    """
    if folder != folder_of(sha256):
        raise ConflictError("This dataset was registered from a folder; only frozen votes can be exported.")
    content_type, made = FORMATS[format]
    return Export(f"snapshot-{sha256[:12]}.{format}", content_type, made(_opened(sha256)))


def _opened(sha256: str) -> Path:
    """Return the snapshot's folder, after fetching it from the storage if needed."""
    name = folder_of(sha256)
    try:
        with artifacts.storage().open(f"{name}/{MANIFEST}") as file:
            manifest = read_manifest(file.read())
        return artifacts.local_folder(name, (*manifest["files"], MANIFEST))
    except FileNotFoundError as error:
        raise NotFound("The files of this snapshot are missing from the storage.") from error


def _flat(folder: Path) -> list[dict[str, Any]]:
    """Return the triplets as rows with the columns `COLUMNS`."""
    rows = []
    for _, row in read_lines((folder / TRIPLETS).read_bytes(), TRIPLETS):
        row |= {f"votes_{which}": n for which, n in row.pop("votes").items()}
        told = {"settled": row.get("settled", True), "expert": row.get("expert", False)}
        rows.append({column: row.get(column) for column in COLUMNS} | told)
    return rows


def _csv(folder: Path) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _word(value) for key, value in row.items()} for row in _flat(folder))
    return text.getvalue().encode()


def _word(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _jsonl(folder: Path) -> bytes:
    return (folder / TRIPLETS).read_bytes()


def _parquet(folder: Path) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_flat(folder), pa.schema(list(COLUMNS.items()))), target)
    return target.getvalue()


def _zip(folder: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            packed = zipfile.ZIP_STORED if name.startswith(f"{PHOTOS}/") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), path.read_bytes(), packed)
    return target.getvalue()


FORMATS: dict[Format, tuple[str, Callable[[Path], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "jsonl": ("application/x-ndjson", _jsonl),
    "parquet": ("application/vnd.apache.parquet", _parquet),
    "zip": ("application/zip", _zip),
}
