"""The files of a dataset, read in place: a folder, a zip, or a folder inside a zip (`pack.zip/qmul-v1/shoes`).

Several of these, separated by commas, are read as folders of one dataset that have their names: `a.zip,b.zip` is the same
dataset as a folder with both unpacked into `a` and `b`.

Names are relative to the root, with `/` between folders. Hidden files and macOS resource forks are ignored.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing, read_drawings
from ml.sketch.formats.quickdraw_binary import read_binary

MAX_BYTES = 512 * 2**20  # of a file that is read at once


@dataclass(frozen=True)
class Files:
    """A folder of files, on disk (`inner` is "") or at `inner` inside the zip `base`."""

    base: Path
    inner: str = ""
    zipped: bool = False

    @property
    def root(self) -> Path:
        """The path as the user wrote it."""
        return self.base / self.inner if self.inner else self.base

    def folders(self, folder: str = "") -> list[str]:
        """Return the names of the folders directly inside `folder`, in natural order; none if it does not exist."""
        return self._listing(folder)[0]

    def files(self, folder: str = "", *suffixes: str) -> list[str]:
        """Return the names of the files directly inside `folder` with one of the suffixes, in natural order.

        Names include `folder`. Without suffixes, all files.
        """
        found = self._listing(folder)[1]
        kept = [name for name in found if not suffixes or name.lower().endswith(suffixes)]
        return [f"{folder}/{name}" for name in kept] if folder else kept

    def walk(self, *suffixes: str) -> Iterator[str]:
        """Yield the names of all files below the root with one of the suffixes, a folder's own before its subfolders'."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            yield from self.files(folder, *suffixes)
            waiting += [f"{folder}/{name}" if folder else name for name in reversed(self.folders(folder))]

    def below(self, folder: str) -> Files:
        """Return the same files with a subfolder as root."""
        if self.zipped:
            return Files(self.base, f"{self.inner}/{folder}" if self.inner else folder, True)
        return Files(self.base / folder)

    def holding(self, *expected: str) -> Files:
        """Return the root that contains one of `expected`: this one, or one inside folders that are the only entry.

        `expected` are files or folders. Archives often wrap their files in a single folder.
        Returns this root if none is found.
        """
        here = self
        while not {*here.folders(), *here.files()} & set(expected):
            inside = here.folders()
            if len(inside) != 1 or here.files():
                return self
            here = here.below(inside[0])
        return here

    def found(self) -> str:
        """Describe the contents of the root briefly for error messages, skipping single wrapping folders."""
        here = self
        while len(here.folders()) == 1 and not here.files():
            here = here.below(here.folders()[0])
        names = [f"{name}/" for name in here.folders()] + here.files()
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        return f"{', '.join(names[:4]) or 'nothing'}{more} in {here.root}"

    def read(self, name: str) -> bytes:
        """Return the bytes of a file. Raises DatasetError if it is missing, outside the root, broken or too large."""
        path = PurePosixPath(name)
        if not name or path.is_absolute() or ".." in path.parts:
            raise DatasetError(name or "file name", f"expected a file below {self.root}")
        try:
            if not self.zipped:
                file = self.base / name
                size = file.stat().st_size
                data = file.read_bytes() if size <= MAX_BYTES else b""
            else:
                archive = _archive(self.base, os.getpid())
                size = archive.getinfo(self._member(name)).file_size
                data = archive.read(self._member(name)) if size <= MAX_BYTES else b""
        except (KeyError, FileNotFoundError):
            raise DatasetError(name, f"not found in {self.root}") from None
        except (
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise DatasetError(name, f"cannot be read: {error}") from error
        if size > MAX_BYTES:
            raise DatasetError(name, f"{size} bytes, at most {MAX_BYTES}")
        return data

    def drawings(self, name: str, word: str = "") -> Iterator[Drawing]:
        """Yield the drawings of an ndjson file, or of a `.bin`, whose drawings get `word`.

        Raises SketchError naming file and line, or drawing.
        """
        path, member = (self.base, self._member(name)) if self.zipped else (self.base / name, None)
        if name.endswith(".bin"):
            return read_binary(path, word, member=member)
        return read_drawings(path, member=member)

    def _member(self, name: str) -> str:
        return f"{self.inner}/{name}" if self.inner else name

    def _listing(self, folder: str) -> tuple[list[str], list[str]]:
        if self.zipped:
            return self._tree.get(self._member(folder) if folder else self.inner, ([], []))
        place = self.base / folder
        if not place.is_dir():
            return [], []
        entries = [(entry.name, entry.is_dir()) for entry in os.scandir(place) if _shown(entry.name)]
        return (
            sorted((name for name, is_folder in entries if is_folder), key=natural),
            sorted((name for name, is_folder in entries if not is_folder), key=natural),
        )

    @cached_property
    def _tree(self) -> dict[str, tuple[list[str], list[str]]]:
        """Folder in the zip -> names of its folders and of its files."""
        folders: dict[str, set[str]] = {"": set()}
        files: dict[str, set[str]] = {"": set()}
        for member in _archive(self.base, os.getpid()).namelist():
            parts = member.strip("/").split("/")
            if not all(map(_shown, parts)):
                continue
            for depth, part in enumerate(parts):
                is_file = depth == len(parts) - 1 and not member.endswith("/")
                (files if is_file else folders).setdefault("/".join(parts[:depth]), set()).add(part)
        return {
            place: (
                sorted(folders.get(place, ()), key=natural),
                sorted(files.get(place, ()), key=natural),
            )
            for place in {*folders, *files}
        }


@dataclass(frozen=True)
class JoinedFiles(Files):
    """Several folders or zips as one root, each a folder in it. `base` is the text that names them."""

    parts: tuple[tuple[str, Files], ...] = ()

    def below(self, folder: str) -> Files:
        """Return the same files with a subfolder as root."""
        part, inner = self._part(folder)
        return part.below(inner) if inner else part

    def read(self, name: str) -> bytes:
        """Return the bytes of a file. Raises DatasetError as `Files.read`."""
        part, inner = self._part(name)
        return part.read(inner)

    def drawings(self, name: str, word: str = "") -> Iterator[Drawing]:
        """Yield the drawings of a file, as `Files.drawings`."""
        part, inner = self._part(name)
        return part.drawings(inner, word)

    def _part(self, name: str) -> tuple[Files, str]:
        """Return the part that has a file or folder, and its name there. Raises DatasetError."""
        first, _, inner = name.partition("/")
        for known, files in self.parts:
            if known == first:
                return files, inner
        raise DatasetError(name or "file name", f"not found in {self.root}")

    def _listing(self, folder: str) -> tuple[list[str], list[str]]:
        if not folder:
            return [name for name, _ in self.parts], []
        part, inner = self._part(folder)
        return part._listing(inner)


def open_files(root: Path, field: str = "--root") -> Files:
    """Open a folder, a zip, a path inside a zip, or several of them separated by commas.

    Raises DatasetError naming `field` for anything else, and for two parts of the same name.
    """
    if root.is_dir():
        return Files(root)
    if "," in str(root):
        return _joined(root, field)
    for place in (root, *root.parents):
        if place.is_file():
            if not zipfile.is_zipfile(place):
                raise DatasetError(field, f"expected a folder or a zip, found the file {place}")
            inner = "" if place == root else root.relative_to(place).as_posix()
            opened = Files(place, inner, True)
            if inner and not (opened.folders() or opened.files()):
                raise DatasetError(
                    field, f"expected {inner}/ in {place.name}, found {Files(place, '', True).found()}"
                )
            return opened
    raise DatasetError(field, f"expected a folder or a zip, found nothing at {root}")


def _joined(root: Path, field: str) -> JoinedFiles:
    parts = [Path(part) for part in str(root).split(",") if part]
    named = {part.stem: open_files(part, field) for part in parts}
    if len(named) < len(parts):
        raise DatasetError(field, f"two parts of {root} have the same name")
    return JoinedFiles(root, parts=tuple(sorted(named.items(), key=lambda item: natural(item[0]))))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts 9.jpg before 10.jpg."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part
    )


def stem(name: str) -> str:
    """Return the file's name without its folder and last suffix."""
    return PurePosixPath(name).stem


def _shown(name: str) -> bool:
    return not name.startswith(".") and name != "__MACOSX"


@lru_cache(maxsize=16)
def _archive(path: Path, process: int) -> zipfile.ZipFile:
    """Open the zip, once per process: forked processes that share a handle also share its position in the file."""
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DatasetError("--root", f"{path} cannot be read as a zip: {error}") from error
