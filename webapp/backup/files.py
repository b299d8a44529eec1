"""Dump and load of the two storages: public pictures, and private folders (models, indexes, snapshots, feeds)."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import structlog
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from webapp.backup.archive import Archive, ArchiveError, ArchiveWriter
from webapp.backup.disk_space import disk_space_check
from webapp.input.text import text_fault

log = structlog.get_logger(__name__)

ALIASES = {"public": "default", "private": "private"}
PREFIX = "media"


def dump(writer: ArchiveWriter) -> None:
    """Append every file, as `media/public/...` and `media/private/...`."""
    for part, alias in ALIASES.items():
        store = storages[alias]
        for name in _names(store):
            try:
                n_bytes = store.size(name)
                with store.open(name) as source:
                    writer.add(f"{PREFIX}/{part}/{name}", source, n_bytes)
            except FileNotFoundError:  # deleted since it was listed, and its row with it
                log.warning("backup_file_vanished", name=name)


def load(archive: Archive) -> int:
    """Put every file of the archive in place, each by a rename; other files stay. Return the number of files."""
    names = [name for name in archive.names if name.startswith(f"{PREFIX}/")]
    for full in names:
        _, part, name = full.split("/", 2)
        with archive.open(full) as source:
            _put(storages[ALIASES[part]], name, source)
    os.sync()  # once for all files, before the rows that name them
    return len(names)


def check(archive: Archive) -> None:
    """Raise ArchiveError if a name in the archive leads out of its storage, or the disk lacks room for all files."""
    needed: Counter[str] = Counter()
    for full in archive.names:
        prefix, _, rest = full.partition("/")
        part, _, name = rest.partition("/")
        if prefix != PREFIX:
            continue
        pieces = name.split("/")
        if part not in ALIASES or text_fault(name) or any(piece in {"", ".", ".."} for piece in pieces):
            raise ArchiveError(f"{ascii(full)[1:-1]}: not the name of a stored file")
        needed[part] += archive.n_bytes(full)
    for part, n_bytes in needed.items():
        store = storages[ALIASES[part]]
        if isinstance(store, FileSystemStorage):
            disk_space_check(Path(store.location), n_bytes)


def are_empty() -> bool:
    """Return whether both storages are empty."""
    return not any(next(_names(storages[alias]), None) for alias in ALIASES.values())


def _names(store: Storage, folder: str = "") -> Iterator[str]:
    """Yield every file's name, except those that begin with a dot, which are still being written."""
    try:
        folders, files = store.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    for file in sorted(files):
        if file and not file.startswith("."):
            yield prefix + file
    for inner in sorted(folders):
        if not inner.startswith("."):
            yield from _names(store, prefix + inner)


def _put(store: Storage, name: str, source: IO[bytes]) -> None:
    if not isinstance(store, FileSystemStorage):
        store.delete(name)
        store.save(name, File(source))
        return
    final = Path(store.path(name))
    final.parent.mkdir(parents=True, exist_ok=True)
    aside = final.with_name(f".{final.name}.{os.getpid()}")
    try:
        with aside.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        if store.file_permissions_mode is not None:
            aside.chmod(store.file_permissions_mode)
        aside.replace(final)
    finally:
        aside.unlink(missing_ok=True)
