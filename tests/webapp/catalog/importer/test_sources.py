"""Pictures from a folder or a zip, both untrusted."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest

from webapp.catalog.importer.findings import FeedError, RowError
from webapp.catalog.importer.sources import FolderPictures, ZipPictures, _names, matched

LIMIT = 50_000


@pytest.fixture
def folder(tmp_path: Path) -> FolderPictures:
    (tmp_path / "secret.png").write_bytes(b"secret")
    root = tmp_path / "pictures"
    (root / "sub").mkdir(parents=True)
    (root / "a.png").write_bytes(b"A")
    (root / "sub" / "b.png").write_bytes(b"B")
    (root / "big.png").write_bytes(b"x" * (LIMIT + 1))
    (root / "link.png").symlink_to(root / "a.png")
    (root / "out").symlink_to(tmp_path)
    return FolderPictures(root, LIMIT)


def _packed(
    files: dict[str, bytes | zipfile.ZipInfo], compression: Any = zipfile.ZIP_DEFLATED
) -> ZipPictures:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as packed:
        for name, data in files.items():
            packed.writestr(name, data)  # type: ignore[arg-type]
    return ZipPictures(file, LIMIT)


@pytest.mark.parametrize(
    ("name", "data"), [("a.png", b"A"), ("sub/b.png", b"B"), ("sub\\b.png", b"B"), ("./a.png", b"A")]
)
def test_folder(folder: FolderPictures, name: str, data: bytes) -> None:
    assert folder.read(name) == data


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../secret.png", "below"),
        ("sub/../../secret.png", "below"),
        ("..\\secret.png", "below"),
        ("/etc/passwd", "below"),
        ("C:\\x.png", "below"),
        ("", "below"),
        ("link.png", "link"),
        ("out/secret.png", "link"),
        ("sub", "not among"),
        ("none.png", "not among"),
        ("n" * 300, "name too long"),
        ("big.png", "more than"),
    ],
)
def test_folder_gives_nothing_from_outside(folder: FolderPictures, name: str, why: str) -> None:
    with pytest.raises(RowError, match=f"(?i){why}") as error:
        folder.read(name)
    assert error.value.field == "photo"


def test_zip_with_and_without_its_top_folder() -> None:
    pictures = _packed({"shop/a.png": b"A", "shop/sub/b.png": b"B"})
    assert pictures.read("a.png") == pictures.read("shop/a.png") == b"A"
    assert pictures.read("sub/b.png") == b"B"


@pytest.mark.parametrize("name", ["../evil.png", "/evil.png", "none.png", "sub/"])
def test_zip_slip_is_refused(name: str) -> None:
    pictures = _packed({"../evil.png": b"E", "/evil.png": b"E", "sub/": b"", "a.png": b"A"})
    with pytest.raises(RowError):
        pictures.read(name)


def test_link_in_a_zip_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(RowError, match="link"):
        ZipPictures(file, LIMIT).read("link.png")


def test_bombs_are_refused() -> None:
    with pytest.raises(RowError, match="at most 50000"):
        _packed({"bomb.png": b"\0" * 10_000_000}).read("bomb.png")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb.png", b"\0" * 4_000_000)
    with pytest.raises(RowError, match="to 1, at most"):
        ZipPictures(file, 5_000_000).read("bomb.png")


def test_a_false_size_yields_no_more_than_the_limit() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.png", b"\1\2\3\4" * 100_000)
    data = file.getvalue().replace((400_000).to_bytes(4, "little"), (400).to_bytes(4, "little"))
    with pytest.raises(RowError):
        ZipPictures(io.BytesIO(data), LIMIT).read("a.png")


def test_broken_entry_is_a_bad_row_and_a_broken_zip_a_bad_upload() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("a.png", b"AAAAAAAA")
    data = file.getvalue().replace(b"AAAAAAAA", b"AAAABAAA")
    with pytest.raises(RowError, match="unpacked"):
        ZipPictures(io.BytesIO(data), LIMIT).read("a.png")
    with pytest.raises(FeedError, match="zip"):
        ZipPictures(io.BytesIO(b"no zip at all"), LIMIT)


def test_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="not a folder"):
        FolderPictures(tmp_path / "none", LIMIT)


@pytest.mark.parametrize("wanted", ["Mühle.JPG", "mühle.jpg", unicodedata.normalize("NFD", "MÜHLE.jpg")])
@pytest.mark.parametrize("stored", ["Mühle.jpg", unicodedata.normalize("NFD", "mühle.JPG")])
def test_names_match_whatever_their_case_and_unicode_form(tmp_path: Path, stored: str, wanted: str) -> None:
    (tmp_path / "Bilder").mkdir()
    (tmp_path / "Bilder" / stored).write_bytes(b"M")
    assert FolderPictures(tmp_path, LIMIT).read(f"bilder/{wanted}") == b"M"
    assert _packed({f"Bilder/{stored}": b"M", "x.png": b"X"}).read(f"bilder/{wanted}") == b"M"


def test_the_exact_name_comes_first(tmp_path: Path) -> None:
    for name in ("A.png", "a.png"):
        (tmp_path / name).write_bytes(name.encode())
    folder, packed = FolderPictures(tmp_path, LIMIT), _packed({"A.png": b"A.png", "a.png": b"a.png"})
    for pictures in (folder, packed):
        assert [pictures.read(name) for name in ("A.png", "a.png")] == [b"A.png", b"a.png"]


def test_zip_of_a_mac_whose_names_are_utf_8_without_a_flag() -> None:
    entry = zipfile.ZipInfo("Mühle.png".encode().decode("cp437"))
    packed = _packed({"x": b"X"})
    entry.flag_bits = 0
    packed.zip.filelist.append(entry)
    assert matched("mühle.png") in {matched(name) for name in _names(entry)}
