"""Files and folders that are complete or absent: written aside, fsynced, renamed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Flush a file or a folder's entries to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears completely or not at all."""
    aside = path.with_name(f".{path.name}.aside")
    aside.write_bytes(content)
    sync(aside)
    aside.rename(path)


def put_in_place(aside: Path, final: Path) -> None:
    """Flush every file of the folder `aside`, then rename it to `final`, which must not exist."""
    for path in aside.rglob("*"):
        sync(path)
    sync(aside)
    aside.rename(final)
    sync(final.parent)
