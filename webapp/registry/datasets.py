"""Datasets of runs: registered folders, and a snapshot's folder on the machine that trains."""

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
_FROZEN, _FROZEN_MANIFEST = "snapshots", "manifest.json"  # a frozen campaign brings its own


def dataset_register(*, format: str, root: Path, name: str = "", by: User | None = None) -> DatasetSnapshot:
    """Copies a dataset's folder into the registry, unless the same files are there already.

    Raises DatasetError on a folder of another layout, ConfigError on an unknown format, InputError on a link that
    leads out of the folder.
    """
    if not root.is_dir():
        raise DatasetError("--root", f"{root} is not a folder; unpack an archive first")
    paths = list(files_below(root))  # before anything is read
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
    """The snapshot's folder on this machine, whole. Raises DatasetError where it vanished or was altered."""
    name = snapshot.folder
    manifest = _FROZEN_MANIFEST if name.startswith(f"{_FROZEN}/") else MANIFEST
    try:
        with artifacts.storage().open(f"{name}/{manifest}") as file:
            data = file.read()
    except FileNotFoundError:
        raise DatasetError(
            "dataset", f"{snapshot.name}: its folder {name} is gone from the storage"
        ) from None
    if hashlib.sha256(data).hexdigest() != snapshot.sha256:
        raise DatasetError(
            "dataset", f"{snapshot.name}: {name}/{manifest} was altered since it was registered"
        )
    files = json.loads(data)["files"]
    try:
        folder = artifacts.local_folder(name, [*files, manifest])
    except FileNotFoundError as error:
        raise DatasetError("dataset", f"{snapshot.name}: {error.filename or error} is gone") from None
    for file in files:
        if not (folder / file).is_file():
            raise DatasetError("dataset", f"{snapshot.name}: {name}/{file} is gone from the storage")
    return folder


def _manifest_of(format: str, root: Path, files: dict[str, str]) -> tuple[str, str, bytes]:
    """Where a folder with these files belongs, and its manifest's name and bytes.

    What the site froze and gave away keeps its manifest, and thereby its id. Raises DatasetError where a file is not
    the one that was frozen.
    """
    own = root / _FROZEN_MANIFEST
    frozen = _frozen_files(own) if format == "snapshot" and own.is_file() else None
    if not isinstance(frozen, dict):
        listed = {"format": format, "files": {name: files[name] for name in files if name != MANIFEST}}
        return "datasets", MANIFEST, (json.dumps(listed, indent=1) + "\n").encode()
    for name, sha256 in frozen.items():
        if files.get(name) != sha256:
            raise DatasetError("--root", f"{root / name} is not the file that {own} vouches for")
    return _FROZEN, _FROZEN_MANIFEST, own.read_bytes()


def _frozen_files(manifest: Path) -> Any:
    try:
        found = json.loads(manifest.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DatasetError(manifest.name, f"not JSON: {error}") from error
    return found.get("files") if isinstance(found, dict) else None


def _numbers(counts: Any) -> dict[str, Any]:
    """The plain figures of a check: numbers, and dicts of them."""
    kept: dict[str, Any] = {}
    for key, value in counts.items():
        if isinstance(value, dict):
            kept[key] = _numbers(value)
        elif isinstance(value, int | float | str):
            kept[key] = value
    return kept
