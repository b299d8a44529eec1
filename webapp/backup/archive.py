"""A tar of many files that ends with a manifest of their SHA-256. Written as a stream to a temporary file, then renamed;
opened only if every byte matches the manifest.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ml.retrieval.files import sync

MANIFEST = "manifest.json"
FORMAT = 1
_MANIFEST_MAX_BYTES = 1_000_000_000  # about six million files
MAX_FILES = 6_000_000
_CHUNK_BYTES = 1 << 20
_PLAIN_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
_MAX_GZIP_RATIO = 1100  # what deflate can reach at most


class ArchiveError(ValueError):
    """An archive is invalid; the message names the member."""


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
    """Appends files one after the other and keeps only their names, sizes and hashes in memory."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._at = int(time.time())
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, source: IO[bytes], n_bytes: int) -> None:
        """Append a file of exactly `n_bytes`. Raises OSError if `source` ends earlier."""
        hashed = _Hashed(source)
        self._tar.addfile(self._header(name, n_bytes), cast(IO[bytes], hashed))
        self.files[name] = {"bytes": n_bytes, "sha256": hashed.digest.hexdigest()}

    def add_path(self, name: str, path: Path) -> None:
        with path.open("rb") as source:
            self.add(name, source, path.stat().st_size)

    def add_manifest(self, facts: dict[str, Any], scratch: Path) -> None:
        """Append the last member: `facts` and every file's size and hash."""
        scratch.write_text(json.dumps({"format": FORMAT, **facts, "files": self.files}, indent=1))
        with scratch.open("rb") as source:
            self._tar.addfile(self._header(MANIFEST, scratch.stat().st_size), source)

    def _header(self, name: str, n_bytes: int) -> tarfile.TarInfo:
        header = tarfile.TarInfo(name)
        header.size, header.mtime, header.mode = n_bytes, self._at, 0o600
        return header


@contextmanager
def archive_writer(final: Path) -> Iterator[ArchiveWriter]:
    """Write to a temporary file beside `final`, readable by its owner only; rename it on success, else delete it."""
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
    """An archive that has been verified completely."""

    facts: dict[str, Any]
    _tar: tarfile.TarFile
    _members: dict[str, tarfile.TarInfo]

    @property
    def names(self) -> list[str]:
        return list(self._members)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open one file. Raises ArchiveError if there is none of that name."""
        if name not in self._members:
            raise ArchiveError(f"{name}: missing")
        source = self._tar.extractfile(self._members[name])
        assert source is not None  # only regular files pass `_verified`
        with source:
            yield source

    def n_bytes(self, name: str) -> int:
        return self._members[name].size

    def unpacked_bytes(self, name: str) -> int:
        """Return the unpacked size of a packed file: from the manifest, or an upper bound if it has none."""
        return int(self.facts.get("unpacked", {}).get(name, self.n_bytes(name) * _MAX_GZIP_RATIO))

    def unpacked(self, name: str) -> Iterator[bytes]:
        """Yield a packed file's content in blocks. Raises ArchiveError if it is broken or longer than stated."""
        left = self.unpacked_bytes(name)
        with self.open(name) as packed:
            try:
                with gzip.open(packed) as source:
                    while block := source.read(_CHUNK_BYTES):
                        left -= len(block)
                        if left < 0:
                            raise ArchiveError(f"{name}: longer than the manifest says")
                        yield block
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ArchiveError(f"{name}: cannot be unpacked: {error}") from error


@contextmanager
def archive_open(path: Path) -> Iterator[Archive]:
    """Read and verify the whole archive. Raises ArchiveError naming the first file that differs from the manifest."""
    with ExitStack() as stack:
        try:
            tar = stack.enter_context(tarfile.open(path, mode="r:"))
            archive = _verified(tar)
        except (ArchiveError, OSError):
            raise
        except Exception as error:  # a broken header can raise anything in tarfile
            raise ArchiveError(f"{path}: not a complete archive: {error}") from error
        yield archive


def _verified(tar: tarfile.TarFile) -> Archive:
    members: dict[str, tarfile.TarInfo] = {}
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    for member in tar:
        # A sparse member may claim any number of bytes, which the archive does not hold.
        plain = member.type in _PLAIN_FILES and member.sparse is None
        if not plain or member.name in members or manifest is not None:
            raise ArchiveError(f"{ascii(member.name)[1:-1]}: not a file of a backup")
        if len(members) >= MAX_FILES:
            raise ArchiveError(f"{tar.name!r}: more than {MAX_FILES} files")
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
        raise ArchiveError(f"{MANIFEST}: missing; the archive is truncated or not a backup")
    expected = manifest.pop("files")
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            how = "missing" if name not in found else "not in" if name not in expected else "different from"
            raise ArchiveError(f"{name}: {how}{'' if how == 'missing' else ' the manifest'}")
    return Archive(manifest, tar, members)


def _manifest(source: IO[bytes], n_bytes: int) -> dict[str, Any]:
    if n_bytes > _MANIFEST_MAX_BYTES:
        raise ArchiveError(f"{MANIFEST}: {n_bytes} bytes, at most {_MANIFEST_MAX_BYTES}")
    try:
        manifest = json.load(source)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{MANIFEST}: not JSON: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArchiveError(f"{MANIFEST}: not of format {FORMAT}")
    if not isinstance(manifest.get("files"), dict):
        raise ArchiveError(f"{MANIFEST}: names no files")
    unpacked = manifest.get("unpacked", {})
    if not isinstance(unpacked, dict) or not all(type(n) is int and n >= 0 for n in unpacked.values()):
        raise ArchiveError(f"{MANIFEST}: unpacked: not a number of bytes for each file")
    migrations = manifest.get("migrations", [])
    if not isinstance(migrations, list) or not all(map(_is_migration, migrations)):
        raise ArchiveError(f"{MANIFEST}: migrations: not a list of app and name")
    return manifest


def _is_migration(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(word, str) for word in value)
