"""A folder and its zip give the same files; nothing outside can be read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ml.datasets.files import open_files
from ml.errors import DatasetError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "things"
    (root / "a").mkdir(parents=True)
    for name in ("10.png", "9.png", "9.txt", ".hidden", "a/1.png"):
        (root / name).write_text(name)
    return root


def test_folder_and_zip_agree(folder: Path, zipped: Callable[[Path], Path]) -> None:
    for files in (open_files(folder), open_files(zipped(folder) / "things")):
        assert files.folders() == ["a"]
        assert files.files() == ["9.png", "9.txt", "10.png"]
        assert files.files("a", ".png", ".jpg") == ["a/1.png"]
        assert files.files("b") == []
        assert list(files.walk(".png")) == ["9.png", "10.png", "a/1.png"]
        assert files.read("a/1.png") == b"a/1.png"
        assert files.below("a").files() == ["1.png"]


def test_single_wrapping_folders_are_skipped(folder: Path, zipped: Callable[[Path], Path]) -> None:
    wrapped = open_files(zipped(folder))
    assert wrapped.folders() == ["things"]
    assert wrapped.holding("9.txt").read("9.txt") == b"9.txt"
    assert wrapped.holding("missing").root == wrapped.root
    assert wrapped.found().startswith("a/, 9.png, 9.txt, 10.png in ")


def test_several_roots_are_folders_of_one(folder: Path, zipped: Callable[[Path], Path]) -> None:
    """As if both were unpacked into one folder, so that the digest of a dataset is the same."""
    pack, more = zipped(folder), folder.parent / "more"
    (more / "a").mkdir(parents=True)
    (more / "a" / "2.png").write_text("two")
    joined = open_files(Path(f"{pack},{more}"))
    together = folder.parent / "together"
    shutil.copytree(folder, together / pack.stem / "things")
    shutil.copytree(more, together / "more")
    plain = open_files(together)
    assert joined.folders() == plain.folders() == ["more", pack.stem]
    assert list(joined.walk(".png")) == list(plain.walk(".png"))
    assert joined.read("more/a/2.png") == b"two"
    assert joined.below("more").files("a") == ["a/2.png"]
    assert joined.below("more/a").read("2.png") == b"two"
    with pytest.raises(DatasetError, match=r"no/2\.png: not found in"):
        joined.read("no/2.png")
    with pytest.raises(DatasetError, match=r"found nothing at /no/such\.zip"):
        open_files(Path(f"{pack},/no/such.zip"))
    with pytest.raises(DatasetError, match="the same name"):
        open_files(Path(f"{more},{more}"))


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "a/../../secret", ""])
def test_names_outside_the_root_are_refused(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_text("secret")
    with pytest.raises(DatasetError, match="expected a file below"):
        open_files(folder).read(name)


def test_missing_file_and_missing_root_are_named(folder: Path, zipped: Callable[[Path], Path]) -> None:
    pack = zipped(folder)
    for files in (open_files(folder), open_files(pack)):
        with pytest.raises(DatasetError, match=r"^b\.png: not found in "):
            files.read("b.png")
    with pytest.raises(DatasetError, match="expected a folder or a zip, found nothing at"):
        open_files(folder / "no")
    with pytest.raises(DatasetError, match="expected a folder or a zip, found the file"):
        open_files(folder / "9.txt")
    with pytest.raises(DatasetError, match=r"expected no/ in things-pack\.zip, found a/, "):
        open_files(pack / "no")


def test_a_damaged_zip_member_is_named(folder: Path, zipped: Callable[[Path], Path]) -> None:
    pack = zipped(folder)
    pack.write_bytes(pack.read_bytes().replace(b"a/1.pnga/1.png", b"a/1.pngb/1.png"))
    with pytest.raises(DatasetError, match=r"^a/1\.png: cannot be read"):
        open_files(pack / "things").read("a/1.png")
