"""One tar of many files with a manifest of their SHA-256 at its end: written as a stream, aside, then renamed; opened
only when every byte is what the manifest says.
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

    def n_bytes(self, name: str) -> int:
        return self._members[name].size

    def unpacked_bytes(self, name: str) -> int:
        """How long a packed file is once unpacked, by the manifest; of archives that do not say: at most."""
        return int(self.facts.get("unpacked", {}).get(name, self.n_bytes(name) * _MAX_GZIP_RATIO))

    def unpacked(self, name: str) -> Iterator[bytes]:
        """A packed file's content in blocks. Raises ArchiveError where it is broken or longer than stated."""
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
def archive_verified(path: Path) -> Iterator[Archive]:
    """Reads the whole archive once. Raises ArchiveError naming the first file that is not as the manifest says."""
    with ExitStack() as stack:
        try:
            tar = stack.enter_context(tarfile.open(path, mode="r:"))
            archive = _verified(tar)
        except (ArchiveError, OSError):
            raise
        except Exception as error:  # tarfile raises whatever it meets in a broken header
            raise ArchiveError(f"{path}: no whole archive: {error}") from error
        yield archive


def _verified(tar: tarfile.TarFile) -> Archive:
    members: dict[str, tarfile.TarInfo] = {}
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    for member in tar:
        # A sparse member may claim any number of bytes, which the archive does not hold.
        plain = member.type in _PLAIN_FILES and member.sparse is None
        if not plain or member.name in members or manifest is not None:
            raise ArchiveError(f"{ascii(member.name)[1:-1]}: no file of a backup")
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
