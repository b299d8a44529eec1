"""Datasets for training: registered folders, and a snapshot's folder on the training machine."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from ml.errors import DatasetError
from ml.retrieval.files import sha256_of
from webapp.accounts.models import User
from webapp.input.folders import files_below
from webapp.registry import ml_gateway
from webapp.registry.models import DatasetSnapshot
from webapp.stores import artifacts

MANIFEST = "dataset.json"  # of a registered folder: its format, and its files with their SHA-256
_FROZEN, _FROZEN_MANIFEST = "snapshots", "manifest.json"  # a frozen campaign has its own


def dataset_register(*, format: str, root: Path, name: str = "", by: User | None = None) -> DatasetSnapshot:
    """Copy a dataset's folder into the registry, unless the same files are already registered.

    Raises DatasetError for a folder with another layout, ConfigError for an unknown format, InputError for a link that
    leads out of the folder.
    """
    if not root.is_dir():
        raise DatasetError("--root", f"{root} is not a folder; unpack an archive first")
    paths = list(files_below(root))  # validates names and links before anything is read
    counts = ml_gateway.training().check_dataset(format, root)
    files = {path.relative_to(root).as_posix(): sha256_of(path) for path in paths}
    home, manifest, data = _manifest_of(format, root, files)
    files.pop(manifest, None)
    sha256 = hashlib.sha256(data).hexdigest()
    folder = f"{home}/{sha256}"
    with tempfile.TemporaryDirectory(prefix="dataset-") as temporary:
        staged = Path(temporary)
        for file in files:
            (staged / file).parent.mkdir(parents=True, exist_ok=True)
            (staged / file).symlink_to((root / file).resolve())
        (staged / manifest).write_bytes(data)
        artifacts.publish(staged, folder, files, last=manifest)
    snapshot, _ = DatasetSnapshot.objects.get_or_create(
        sha256=sha256,
        defaults={
            "name": (name or root.name)[:120],
            "format": format,
            "folder": folder,
            "facts": {"counts": _numbers(counts)},
            "created_by": by,
        },
    )
    return snapshot


def snapshot_folder(snapshot: DatasetSnapshot) -> Path:
    """Return the snapshot's local folder, complete. Raises DatasetError if it is missing or was altered."""
    name = snapshot.folder
    manifest = _FROZEN_MANIFEST if name.startswith(f"{_FROZEN}/") else MANIFEST
    try:
        with artifacts.storage().open(f"{name}/{manifest}") as file:
            data = file.read()
    except FileNotFoundError:
        raise DatasetError(
            "dataset", f"{snapshot.name}: its folder {name} is missing in the storage"
        ) from None
    if hashlib.sha256(data).hexdigest() != snapshot.sha256:
        raise DatasetError(
            "dataset", f"{snapshot.name}: {name}/{manifest} has been altered since it was registered"
        )
    files = json.loads(data)["files"]
    try:
        folder = artifacts.local_folder(name, [*files, manifest])
    except FileNotFoundError as error:
        raise DatasetError("dataset", f"{snapshot.name}: {error.filename or error} is missing") from None
    for file in files:
        if not (folder / file).is_file():
            raise DatasetError("dataset", f"{snapshot.name}: {name}/{file} is missing in the storage")
    return folder


def _manifest_of(format: str, root: Path, files: dict[str, str]) -> tuple[str, str, bytes]:
    """Return the folder in the registry for these files, and the manifest's name and bytes.

    A snapshot exported by the site keeps its manifest, and so its id. Raises DatasetError if a file
    differs from the frozen one.
    """
    own = root / _FROZEN_MANIFEST
    frozen = _frozen_files(own) if format == "snapshot" and own.is_file() else None
    if not isinstance(frozen, dict):
        listed = {"format": format, "files": {name: files[name] for name in files if name != MANIFEST}}
        return "datasets", MANIFEST, (json.dumps(listed, indent=1) + "\n").encode()
    for name, sha256 in frozen.items():
        if files.get(name) != sha256:
            raise DatasetError("--root", f"{root / name} does not match its SHA-256 in {own}")
    return _FROZEN, _FROZEN_MANIFEST, own.read_bytes()


def _frozen_files(manifest: Path) -> Any:
    try:
        found = json.loads(manifest.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DatasetError(manifest.name, f"not JSON: {error}") from error
    return found.get("files") if isinstance(found, dict) else None


def _numbers(counts: Any) -> dict[str, Any]:
    """Return the plain figures of a check: numbers, texts, and dicts of them."""
    kept: dict[str, Any] = {}
    for key, value in counts.items():
        if isinstance(value, dict):
            kept[key] = _numbers(value)
        elif isinstance(value, int | float | str):
            kept[key] = value
    return kept
