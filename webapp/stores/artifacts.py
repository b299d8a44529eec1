"""Immutable folders (models, indexes, snapshots) in the `private` storage, and local copies of them.

On a file system the folder itself is opened; from a bucket it is downloaded once to DATA_DIR.
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

_SHORT_LIVED = (
    "indexes"  # replaced with every change of the catalogue; a training reads its snapshot for days
)
_COPY_TTL_S = 86_400


def storage() -> Storage:
    """Return the storage of the folders; it is never served."""
    return storages["private"]


def publish(folder: Path, name: str, files: Iterable[str], *, last: str) -> None:
    """Copy `files` and then `last`, whose presence marks the folder as complete, to folder `name`.

    Repeating this is harmless.
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
            if not exists(name, last):  # otherwise another process was first, with the same content
                raise
        return
    for file in (*files, last):
        store.delete(f"{name}/{file}")  # left by an interrupted upload
        with (folder / file).open("rb") as content:
            store.save(f"{name}/{file}", File(content))


def exists(name: str, last: str) -> bool:
    """Return whether folder `name` exists and is complete."""
    return storage().exists(f"{name}/{last}")


def remove(name: str, files: Iterable[str], *, last: str) -> None:
    """Delete folder `name`, starting with `last`, so that a partly deleted folder does not count."""
    store = storage()
    for file in (last, *files):
        store.delete(f"{name}/{file}")
    if isinstance(store, FileSystemStorage):
        shutil.rmtree(store.path(name), ignore_errors=True)


def local_folder(name: str, files: Iterable[str]) -> Path:
    """Return a local folder with `files` of folder `name`, downloaded from the bucket if they are not here yet.

    Copies of indexes not opened for a day are deleted; processes that have their files open keep them.
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
    if final.parent.name == _SHORT_LIVED:
        for other in final.parent.iterdir():
            if other.is_dir() and other.stat().st_mtime < time.time() - _COPY_TTL_S:
                shutil.rmtree(other, ignore_errors=True)
    return final
