"""The pictures of a feed: a folder or a zip. Both are untrusted; a zip is never unpacked to disk.

Names match whatever their case and their Unicode form: feeds come from other systems than the pictures.
"""

from __future__ import annotations

import contextlib
import os
import stat
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Protocol

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import FeedError, RowError

MAX_ENTRIES = 400_000
MAX_NAME = 1_000
MAX_RATIO = 200  # pictures are compressed already; a higher ratio means a zip bomb


class Pictures(Protocol):
    def read(self, name: str) -> bytes:
        """Return the bytes of the picture that the feed calls `name`. Raises RowError if there is none."""
        ...


class NoPictures:
    """For a feed that only changes products that have photos already."""

    def read(self, name: str) -> bytes:
        raise RowError("photo", gettext_noop("no pictures were sent with the feed"))


class FolderPictures:
    """Pictures below a folder. Links and names that lead out of it are refused."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        if not root.is_dir():
            raise FeedError("images", gettext_noop("{root} is not a folder"), root=root)
        self.root = root.resolve()
        self.max_bytes = max_bytes
        self.listings: dict[Path, dict[str, str]] = {}  # of each folder, by matched name

    def read(self, name: str) -> bytes:
        path = self.root
        try:
            for part in safe_path(name).parts:
                path = self._below(path, part)
                if path.is_symlink():
                    raise RowError("photo", gettext_noop("{name!r} is a link"), name=name)
            if not path.is_file():
                raise RowError("photo", gettext_noop("{name!r} is not among the pictures"), name=name)
            with path.open("rb") as file:
                data = file.read(self.max_bytes + 1)
        except OSError as error:  # such as a name too long for the file system, or an unreadable file
            raise RowError("photo", gettext_noop("{name!r}: {why}"), name=name, why=error.strerror) from error
        if len(data) > self.max_bytes:
            raise RowError("photo", gettext_noop("more than {max} bytes"), max=self.max_bytes)
        return data

    def _below(self, folder: Path, part: str) -> Path:
        """Return the entry of a folder with that name, or else with a name that matches it."""
        path = folder / part
        if path.exists() or path.is_symlink():
            return path
        if folder not in self.listings:
            names = os.listdir(folder) if folder.is_dir() and not folder.is_symlink() else []
            self.listings[folder] = {matched(entry): entry for entry in sorted(names, reverse=True)}
        return folder / self.listings[folder].get(matched(part), part)


class ZipPictures:
    """Pictures in a zip, read into memory one at a time, with a bound on their size."""

    def __init__(self, file: IO[bytes], max_bytes: int) -> None:
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FeedError("images", gettext_noop("not a readable zip: {why}"), why=error) from error
        if len(self.zip.filelist) > MAX_ENTRIES:
            raise FeedError(
                "images",
                gettext_noop("{n} files in the zip, at most {max}"),
                n=len(self.zip.filelist),
                max=MAX_ENTRIES,
            )
        self.max_bytes = max_bytes
        self.prefix = self._common_folder()
        self.matches = {matched(name): info for info in self.zip.filelist for name in _names(info)}

    def read(self, name: str) -> bytes:
        path = safe_path(name)
        info = self._entry(str(path))
        if info is None or info.is_dir():
            raise RowError("photo", gettext_noop("{name!r} is not among the pictures"), name=name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RowError("photo", gettext_noop("{name!r} is a link"), name=name)
        if info.flag_bits & 1:
            raise RowError("photo", gettext_noop("{name!r} is encrypted"), name=name)
        if info.file_size > self.max_bytes:
            raise RowError(
                "photo",
                gettext_noop("{file_size} bytes, at most {max}"),
                file_size=info.file_size,
                max=self.max_bytes,
            )
        if info.file_size > MAX_RATIO * max(info.compress_size, 1) and info.file_size > 1_000_000:
            raise RowError(
                "photo",
                gettext_noop("compressed {n} to 1, at most {max} to 1"),
                n=info.file_size // max(info.compress_size, 1),
                max=MAX_RATIO,
            )
        try:
            with self.zip.open(info) as file:
                data = file.read(self.max_bytes + 1)
        except Exception as error:  # a broken zip can raise anything in zipfile and its decompressors
            raise RowError(
                "photo", gettext_noop("{name!r} cannot be unpacked: {why}"), name=name, why=error
            ) from error
        if len(data) > self.max_bytes:
            raise RowError("photo", gettext_noop("more than {max} bytes"), max=self.max_bytes)
        return data

    def _entry(self, name: str) -> zipfile.ZipInfo | None:
        for full in (name, self.prefix + name):
            if info := self.zip.NameToInfo.get(full) or self.matches.get(matched(full)):
                return info
        return None

    def _common_folder(self) -> str:
        """Return the single top-level folder that many zips have; names in the feed may omit it."""
        tops = {info.filename.partition("/")[0] for info in self.zip.filelist if "/" in info.filename}
        loose = any("/" not in info.filename for info in self.zip.filelist)
        return f"{tops.pop()}/" if len(tops) == 1 and not loose else ""


def matched(name: str) -> str:
    """Return a name as it is compared: without case, in one Unicode form. One longer than a path stays as it is."""
    if len(name) > MAX_NAME:
        return name
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _names(info: zipfile.ZipInfo) -> list[str]:
    """Return an entry's name, and that of UTF-8 bytes without the zip's flag for UTF-8, as macOS writes them."""
    names = [info.filename]
    if not info.flag_bits & 0x800 and not info.filename.isascii():
        with contextlib.suppress(UnicodeError):
            names.append(info.filename.encode("cp437").decode())
    return names


def safe_path(name: str) -> PurePosixPath:
    """Return a relative path. Raises RowError if it leads out of the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or PureWindowsPath(name).drive or not path.parts:
        raise RowError("photo", gettext_noop("{name!r} is not a path below the pictures' folder"), name=name)
    return path
