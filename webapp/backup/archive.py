"""One tar of many files with a manifest of their SHA-256 at its end: written as a stream, aside, then renamed; opened
only when every byte is what the manifest says.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ml.retrieval.files import sync

MANIFEST = "manifest.json"
FORMAT = 1
_MANIFEST_MAX_BYTES = 1_000_000_000  # about six million files
_CHUNK_BYTES = 1 << 20


class ArchiveError(ValueError):
    """What is wrong with an archive, and where."""


class _Hashed:
    """A stream that hashes what is read from it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.digest.update(block)
        return block


class ArchiveWriter:
    """Takes files one after the other; nothing is kept of them but name, size and hash."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._at = int(time.time())
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, source: IO[bytes], n_bytes: int) -> None:
        """Appends a file of just `n_bytes`. Raises OSError where `source` ends before."""
        hashed = _Hashed(source)
        self._tar.addfile(self._header(name, n_bytes), cast(IO[bytes], hashed))
        self.files[name] = {"bytes": n_bytes, "sha256": hashed.digest.hexdigest()}

    def add_path(self, name: str, path: Path) -> None:
        with path.open("rb") as source:
            self.add(name, source, path.stat().st_size)

    def add_manifest(self, facts: dict[str, Any], scratch: Path) -> None:
        """The last member: `facts` and every file's size and hash."""
        scratch.write_text(json.dumps({"format": FORMAT, **facts, "files": self.files}, indent=1))
        with scratch.open("rb") as source:
            self._tar.addfile(self._header(MANIFEST, scratch.stat().st_size), source)

    def _header(self, name: str, n_bytes: int) -> tarfile.TarInfo:
        header = tarfile.TarInfo(name)
        header.size, header.mtime, header.mode = n_bytes, self._at, 0o600
        return header


@contextmanager
def archive_written(final: Path) -> Iterator[ArchiveWriter]:
    """Writes beside `final`, readable by its owner alone, and renames when all went well; else leaves nothing."""
    aside = final.with_name(f".{final.name}.{os.getpid()}")
    try:
        with (
            os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w") as tar,
        ):
            yield ArchiveWriter(tar)
        sync(aside)
        aside.replace(final)
        sync(final.parent)
    finally:
        aside.unlink(missing_ok=True)


@dataclass(frozen=True)
class Archive:
    """An archive whose every file was found whole."""

    facts: dict[str, Any]
    _tar: tarfile.TarFile
    _members: dict[str, tarfile.TarInfo]

    @property
    def names(self) -> list[str]:
        return list(self._members)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """One file's bytes. Raises ArchiveError where there is none of that name."""
        if name not in self._members:
            raise ArchiveError(f"{name}: missing")
        source = self._tar.extractfile(self._members[name])
        assert source is not None  # only regular files pass `_verified`
        with source:
            yield source


@contextmanager
def archive_verified(path: Path) -> Iterator[Archive]:
    """Reads the whole archive once. Raises ArchiveError naming the first file that is not as the manifest says."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield _verified(tar)
    except tarfile.TarError as error:
        raise ArchiveError(f"{path}: no whole archive: {error}") from error


def _verified(tar: tarfile.TarFile) -> Archive:
    members: dict[str, tarfile.TarInfo] = {}
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    for member in tar:
        if not member.isreg() or member.name in members or manifest is not None:
            raise ArchiveError(f"{member.name}: no file of a backup")
        source = tar.extractfile(member)
        assert source is not None
        if member.name == MANIFEST:
            manifest = _manifest(source, member.size)
            continue
        digest = hashlib.sha256()
        while block := source.read(_CHUNK_BYTES):
            digest.update(block)
        members[member.name] = member
        found[member.name] = {"bytes": member.size, "sha256": digest.hexdigest()}
    if manifest is None:
        raise ArchiveError(f"{MANIFEST}: missing; the archive was cut short or is no backup")
    expected = manifest.pop("files")
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            how = (
                "missing" if name not in found else "unknown to" if name not in expected else "other than in"
            )
            raise ArchiveError(f"{name}: {how}{'' if how == 'missing' else ' the manifest'}")
    return Archive(manifest, tar, members)


def _manifest(source: IO[bytes], n_bytes: int) -> dict[str, Any]:
    if n_bytes > _MANIFEST_MAX_BYTES:
        raise ArchiveError(f"{MANIFEST}: {n_bytes} bytes, at most {_MANIFEST_MAX_BYTES}")
    try:
        manifest = json.load(source)
    except ValueError as error:
        raise ArchiveError(f"{MANIFEST}: not JSON: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArchiveError(f"{MANIFEST}: not of format {FORMAT}")
    if not isinstance(manifest.get("files"), dict):
        raise ArchiveError(f"{MANIFEST}: names no files")
    return manifest
