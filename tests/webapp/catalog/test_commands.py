"""Tests of `manage.py catalog_import` and `demo_seed`."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import picture
from webapp.catalog.management.commands import demo_seed
from webapp.catalog.models import Category, Product

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A feed with its pictures, of which one of three is broken, and names of its categories."""
    root = tmp_path / "shop"
    (root / "photos").mkdir(parents=True)
    rows = []
    for n in range(3):
        (root / "photos" / f"{n}.webp").write_bytes(picture(n, format="WEBP") if n < 2 else b"broken")
        rows.append({"sku": f"A{n}", "name": f"Chair {n}", "category": "chair", "photo": f"photos/{n}.webp"})
    (root / "products.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (root / "categories.json").write_text(json.dumps({"chair": {"en": "Chairs", "de": "Stühle"}}))
    return root


def test_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.csv"
    call_command("catalog_import", folder / "products.jsonl", images=folder, report=report)
    out = capsys.readouterr().out
    assert "2 created, 0 updated, 0 unchanged, 1 refused" in out
    assert "row 3 A2 refused: photo" in out
    assert Category.objects.get().name_de == "Stühle"
    with report.open() as file:
        assert [line["sku"] for line in csv.DictReader(file)] == ["A2"]


def test_zip_and_again(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = tmp_path / "photos.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for path in (folder / "photos").iterdir():
            file.write(path, f"photos/{path.name}")
    for _ in range(2):
        call_command("catalog_import", folder / "products.jsonl", images=packed)
    assert "0 created, 0 updated, 2 unchanged, 1 refused" in capsys.readouterr().out


def test_dry_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("catalog_import", folder / "products.jsonl", dry_run=True)
    assert "2 created" in capsys.readouterr().out
    assert not Product.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    ("feed", "images", "named"),
    [
        ("none.csv", None, "none.csv"),
        ("products.jsonl", "none.zip", "--images"),
        ("categories.json", None, "feed"),
    ],
)
def test_unusable_input_is_reported_on_one_line(
    folder: Path, feed: str, images: str | None, named: str
) -> None:
    with pytest.raises(CommandError, match=named):
        call_command("catalog_import", folder / feed, images=folder / images if images else None)


def test_demo(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo_seed, "DATA", folder)
    with pytest.raises(CommandError, match="1 rows"):
        call_command("demo_seed")
    (folder / "photos" / "2.webp").write_bytes(picture(2, format="WEBP"))
    call_command("demo_seed")
    assert Product.objects.count() == 3
