"""The archive: complete, or refused with the name of the file."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from webapp.backup.archive import MANIFEST, ArchiveError, archive_open, archive_writer

FILES = {"media/public/a.webp": b"a" * 3000, "database/table.copy.gz": b"rows"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with archive_writer(tmp_path / "site.tar") as writer:
        for name, content in FILES.items():
            writer.add(name, io.BytesIO(content), len(content))
        writer.add_manifest({"database": "sqlite"}, tmp_path / "scratch")
    return tmp_path / "site.tar"


def altered(archive: Path, change: Any) -> Path:
    """Rewrite the archive with each (header, content) changed by `change`; None leaves it out."""
    other = archive.with_name("altered.tar")
    with tarfile.open(archive) as source, tarfile.open(other, "w") as target:
        for member in source:
            content = source.extractfile(member)
            assert content
            made = change(member, content.read())
            if made:
                made[0].size = len(made[1])
                target.addfile(made[0], io.BytesIO(made[1]))
    return other


def test_files_are_read_back_unchanged(archive: Path) -> None:
    with archive_open(archive) as found:
        assert found.facts == {"format": 1, "database": "sqlite"}
        for name, content in FILES.items():
            with found.open(name) as file:
                assert file.read() == content
        with pytest.raises(ArchiveError, match=r"^other: missing"), found.open("other"):
            pass


def test_only_its_owner_reads_it(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0


def test_nothing_is_left_of_a_backup_that_failed(tmp_path: Path) -> None:
    with pytest.raises(OSError), archive_writer(tmp_path / "site.tar") as writer:
        writer.add("a", io.BytesIO(b"short"), 100)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_backup_keeps_the_previous_one(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(ZeroDivisionError), archive_writer(archive):
        raise ZeroDivisionError
    assert archive.read_bytes() == before


def test_a_flipped_bit_is_found_and_named(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.index(b"aaaa") + 100] ^= 1
    archive.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"^media/public/a.webp: different from the manifest"):
        archive_open(archive).__enter__()


@pytest.mark.parametrize("left", [200, 2000, 4700])
def test_truncated_archive(archive: Path, left: int) -> None:
    archive.write_bytes(archive.read_bytes()[:left])
    with pytest.raises(ArchiveError):
        archive_open(archive).__enter__()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda m, c: None if m.name == MANIFEST else (m, c), "truncated"),
        (lambda m, c: None if m.name.startswith("media") else (m, c), "media/public/a.webp: missing"),
        (lambda m, c: (m, c.replace(b'"format": 1', b'"format": 9')), "not of format 1"),
        (lambda m, c: (m, b"{") if m.name == MANIFEST else (m, c), "not JSON"),
        (lambda m, c: (m, b"[]") if m.name == MANIFEST else (m, c), "not of format 1"),
        (lambda m, c: (m, json.dumps({"format": 1}).encode()) if m.name == MANIFEST else (m, c), "no files"),
    ],
)
def test_altered_archives_are_refused(archive: Path, change: Any, why: str) -> None:
    with pytest.raises(ArchiveError, match=why):
        archive_open(altered(archive, change)).__enter__()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_anything_but_a_file_is_refused(archive: Path, kind: Any) -> None:
    def change(member: Any, content: Any) -> Any:
        if member.name.startswith("media"):
            member.type, member.linkname, content = kind, "/etc/passwd", b""
        return member, content

    with pytest.raises(ArchiveError, match="not a file of a backup"):
        archive_open(altered(archive, change)).__enter__()


def test_not_an_archive(tmp_path: Path) -> None:
    (tmp_path / "photo.tar").write_bytes(b"\xff\xd8 not a tar" * 100)
    with pytest.raises(ArchiveError, match="not a complete archive"):
        archive_open(tmp_path / "photo.tar").__enter__()
