"""Folders in an in-memory bucket: downloaded once, file by file, and deleted when nothing opens them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.files.storage import Storage, storages
from pytest_django import Settings

from webapp.stores import artifacts


@pytest.fixture
def bucket(settings: Settings, tmp_path: Path) -> Storage:
    settings.DATA_DIR = tmp_path / "here"
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "private": memory}
    return storages["private"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    (made / "sub").mkdir(parents=True)
    for name in ("a.onnx", "sub/b.bin", "manifest.json"):
        (made / name).write_text(name)
    return made


def test_a_file_is_fetched_when_first_requested(bucket: Storage, folder: Path) -> None:
    artifacts.publish(folder, "models/1", ["a.onnx", "sub/b.bin"], last="manifest.json")
    local = artifacts.local_folder("models/1", ["a.onnx", "manifest.json"])
    assert sorted(path.name for path in local.iterdir()) == ["a.onnx", "manifest.json"]
    again = artifacts.local_folder("models/1", ["sub/b.bin", "manifest.json"])
    assert again == local
    assert (again / "sub/b.bin").read_text() == "sub/b.bin"


def test_local_files_are_not_fetched_again(bucket: Storage, folder: Path) -> None:
    artifacts.publish(folder, "models/1", ["a.onnx"], last="manifest.json")
    local = artifacts.local_folder("models/1", ["a.onnx"])
    bucket.delete("models/1/a.onnx")
    assert (artifacts.local_folder("models/1", ["a.onnx"]) / "a.onnx").read_text() == "a.onnx"
    assert local.is_dir()


def test_copies_of_indexes_that_nothing_opened_for_a_day_are_deleted(bucket: Storage, folder: Path) -> None:
    for name in ("indexes/1", "indexes/2", "snapshots/1", "snapshots/2"):
        artifacts.publish(folder, name, ["a.onnx"], last="manifest.json")
    old, read = (artifacts.local_folder(name, ["a.onnx"]) for name in ("indexes/1", "snapshots/1"))
    os.utime(old, (0, 0))
    os.utime(read, (0, 0))
    artifacts.local_folder("indexes/2", ["a.onnx"])
    artifacts.local_folder("snapshots/2", ["a.onnx"])
    assert not old.exists()
    assert read.exists()  # a training may be using it
    assert (artifacts.local_folder("indexes/1", ["a.onnx"]) / "a.onnx").exists()
