"""Immutable folders (models, indexes, snapshots) in the `private` storage, and local copies of them to open.

On this machine's file system the folder itself is opened; from a bucket it is fetched once into DATA_DIR.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from ml.retrieval.files import put_in_place

_PASSING = "indexes"  # each change of the catalogue makes one; a training reads its snapshot for days
_COPY_KEPT_S = 86_400


def storage() -> Storage:
    """Where the folders are kept; the web never serves it."""
    return storages["private"]


def publish(folder: Path, name: str, files: Iterable[str], *, last: str) -> None:
    """Copies `files` and then `last`, whose presence makes the folder whole, to folder `name`.

    Doing it again is harmless.
    """
    store = storage()
    if exists(name, last):
        return
    if isinstance(store, FileSystemStorage):
        final = Path(store.path(name))
        aside = final.with_name(f".{final.name}.{uuid.uuid4().hex[:8]}")
        aside.mkdir(parents=True)
        try:
            for file in (*files, last):
                (aside / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / file, aside / file)
            put_in_place(aside, final)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            if not exists(name, last):  # else another process was first, with the same content
                raise
        return
    for file in (*files, last):
        store.delete(f"{name}/{file}")  # what an interrupted upload left
        with (folder / file).open("rb") as content:
            store.save(f"{name}/{file}", File(content))


def exists(name: str, last: str) -> bool:
    """Whether folder `name` is there and whole."""
    return storage().exists(f"{name}/{last}")


def remove(name: str, files: Iterable[str], *, last: str) -> None:
    """Deletes folder `name`, `last` first: half a folder is none."""
    store = storage()
    for file in (last, *files):
        store.delete(f"{name}/{file}")
    if isinstance(store, FileSystemStorage):
        shutil.rmtree(store.path(name), ignore_errors=True)


def local_folder(name: str, files: Iterable[str]) -> Path:
    """A folder of this machine that holds `files` of folder `name`, fetched from the bucket where they are not here yet.

    Copies of indexes that nothing has opened for a day are deleted; a process that has such a file open keeps it.
    """
    store = storage()
    if isinstance(store, FileSystemStorage):
        return Path(store.path(name))
    final: Path = settings.DATA_DIR / "artifacts" / name
    final.mkdir(parents=True, exist_ok=True)
    os.utime(final)
    for file in files:
        if not (final / file).exists():
            aside = final / f"{file}.{uuid.uuid4().hex[:8]}"
            aside.parent.mkdir(parents=True, exist_ok=True)
            with store.open(f"{name}/{file}") as source, aside.open("wb") as target:
                shutil.copyfileobj(source, target)
            aside.replace(final / file)
    if final.parent.name == _PASSING:
        for other in final.parent.iterdir():
            if other.is_dir() and other.stat().st_mtime < time.time() - _COPY_KEPT_S:
                shutil.rmtree(other, ignore_errors=True)
    return final
