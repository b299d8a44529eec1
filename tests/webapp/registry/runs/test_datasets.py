"""Registered datasets: immutable copies by the hash of their files."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ml.errors import DatasetError
from tests.support import layouts
from webapp.registry.datasets import dataset_register, snapshot_folder
from webapp.registry.models import DatasetSnapshot
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db


def test_a_folder_is_registered_by_command_and_opened_from_its_copy(tmp_path: Path) -> None:
    root = layouts.write_qmul_v1(tmp_path / "hats")
    out = StringIO()
    call_command("dataset_register", format="qmul-v1", root=root, name="Hats", stdout=out)
    snapshot = DatasetSnapshot.objects.get()
    assert f"dataset {snapshot.pk}: Hats" in out.getvalue()
    assert snapshot.facts["counts"]["photos"] == {"train": 18, "val": 2, "test": 4}
    shutil.rmtree(root)
    folder = snapshot_folder(snapshot)
    assert (folder / "train" / "images" / "1.jpg").is_file()


def test_the_same_files_are_the_same_dataset(tmp_path: Path) -> None:
    root = layouts.write_qmul_v1(tmp_path / "hats")
    first = dataset_register(format="qmul-v1", root=root)
    assert dataset_register(format="qmul-v1", root=root) == first
    (root / "train" / "images" / "1.jpg").write_bytes((root / "train" / "images" / "2.jpg").read_bytes())
    assert dataset_register(format="qmul-v1", root=root) != first


def test_an_exported_snapshot_comes_back_as_itself(tmp_path: Path) -> None:
    """Its id is the hash of its own manifest, unchanged."""
    root = layouts.write_snapshot(tmp_path / "export")
    manifest = json.loads((root / "manifest.json").read_text())
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.*") if path.name != "manifest.json"]
    manifest["files"] = {name: sha256((root / name).read_bytes()).hexdigest() for name in names}
    (root / "manifest.json").write_text(json.dumps(manifest))
    snapshot = dataset_register(format="snapshot", root=root)
    assert snapshot.folder == f"snapshots/{sha256((root / 'manifest.json').read_bytes()).hexdigest()}"
    assert (snapshot_folder(snapshot) / "triplets.jsonl").is_file()
    (root / "photos" / "p0.jpg").write_bytes((root / "photos" / "p1.jpg").read_bytes())
    with pytest.raises(DatasetError, match=r"p0.jpg does not match"):
        dataset_register(format="snapshot", root=root)


def test_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    with pytest.raises(CommandError):
        call_command("dataset_register", format="qmul-v1", root=tmp_path / "odd")
    with pytest.raises(CommandError, match="unknown"):
        call_command("dataset_register", format="odd", root=tmp_path / "odd")
    with pytest.raises(CommandError, match="not a folder"):
        call_command("dataset_register", format="qmul-v1", root=tmp_path / "none")
    assert not DatasetSnapshot.objects.exists()


def test_a_vanished_folder_is_named(tmp_path: Path) -> None:
    snapshot = dataset_register(format="qmul-v1", root=layouts.write_qmul_v1(tmp_path / "hats"))
    shutil.rmtree(artifacts.local_folder(snapshot.folder, []))
    with pytest.raises(DatasetError, match=r"hats: its folder datasets/.* is missing"):
        snapshot_folder(snapshot)


def test_a_link_that_leads_to_itself_is_refused_by_name(tmp_path: Path) -> None:
    root = layouts.write_qmul_v1(tmp_path / "hats")
    (root / "round").symlink_to("round")
    with pytest.raises(CommandError, match=r"round.*leads back to itself"):
        call_command("dataset_register", format="qmul-v1", root=root)
