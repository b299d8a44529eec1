"""Feeds that are served compressed: gzip, or a zip of one file."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from tempfile import TemporaryFile
from typing import IO, Protocol

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import FeedError

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
ENDINGS = (".gz", ".zip")
_OTHERS = (b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"(\xb5/\xfd")
_CHUNK = 1 << 20


class Readable(Protocol):
    def read(self, n: int, /) -> bytes: ...


def unpack(file: IO[bytes], *, max_bytes: int) -> None:
    """Replace the content of `file` by what it contains, if it is compressed, and rewind it.

    Raises FeedError if that is more than max_bytes, broken, or compressed in a way that is not supported.
    """
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start.startswith(_OTHERS):
        raise FeedError("feed", gettext_noop("is compressed; supported: gzip, and a zip of one file"))
    if not start.startswith((GZIP, ZIP)):
        return
    with TemporaryFile() as content:
        try:
            with gzip.GzipFile(fileobj=file) if start.startswith(GZIP) else _only_member(file) as packed:
                _copy(packed, content, max_bytes)
        except (
            OSError,
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise FeedError("feed", gettext_noop("is compressed, and broken or incomplete")) from error
        file.seek(0)
        file.truncate()
        content.seek(0)
        shutil.copyfileobj(content, file, _CHUNK)
    file.seek(0)


def _only_member(file: IO[bytes]) -> IO[bytes]:
    archive = zipfile.ZipFile(file)
    hidden = ("__MACOSX/", ".")
    names = [
        info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith(hidden)
    ]
    if len(names) != 1:
        raise FeedError("feed", gettext_noop("is a zip of {n} files, not of one"), n=len(names))
    return archive.open(names[0])


def _copy(packed: Readable, content: IO[bytes], max_bytes: int) -> None:
    n = 0
    while chunk := packed.read(_CHUNK):
        n += len(chunk)
        if n > max_bytes:
            too_large = gettext_noop("is compressed and has more than {most:.4g} MB")
            raise FeedError("feed", too_large, most=max_bytes / 1e6)
        content.write(chunk)
