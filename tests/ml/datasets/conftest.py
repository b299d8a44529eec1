"""Generated datasets to read, and a cache that is deleted after the test."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import layouts


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of cached frames during the test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SKETCHFIND_CACHE", str(folder))
    return folder


@pytest.fixture
def qmul_v1(tmp_path: Path) -> Path:
    return layouts.write_qmul_v1(tmp_path / "pack" / "hats")


@pytest.fixture
def sketchy(tmp_path: Path) -> Path:
    return layouts.write_sketchy(tmp_path / "sketchy")


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    return layouts.write_snapshot(tmp_path / "snapshot")


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[[Path], Path]:
    """Packs a folder, wrapped in its own name, into a zip."""

    def pack(folder: Path) -> Path:
        path = tmp_path / f"{folder.name}-pack.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder.parent))
        return path

    return pack
