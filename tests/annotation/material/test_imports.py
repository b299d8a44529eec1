"""Own sketches and photos: every format, all or nothing, and refused rows named by row, file and column."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from annotation.models import AuditEvent, MaterialImport, Sketch, StudyPhoto, StudySet, Task
from annotation.services.material.imports import (
    material_import_create,
    material_import_run,
    material_imports_unattended,
)
from annotation.services.material.sets import study_set_create
from tests.annotation.pack import drawing
from tests.factories import ProductFactory, picture
from tests.support.crowd import make_campaign
from tests.support.material import SVG, imported, ndjson, npz, zipped
from webapp.catalog.models import Photo, Product

pytestmark = pytest.mark.django_db
THREE = np.array([[10, 10, 0], [50, 50, 1], [-20, 0, 0], [20, 20, 1]])
FIVE = np.array([[[10, 10, 1, 0, 0], [50, 50, 0, 1, 0], [0, 0, 0, 0, 1]]])


def jpeg_of(png: bytes) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def texts(row: MaterialImport, api: APIClient) -> list[tuple[int, str, str, str]]:
    shown = api.get(f"/api/v1/study-sets/{row.study_set_id}/").json()["imports"][0]
    return [(one["row"], one["file"], one["field"], one["message"]) for one in shown["findings"]]


def test_every_format_becomes_strokes_and_pictures_keep_their_original() -> None:
    shoe = ProductFactory(sku="shoe-7", photo=None)
    manifest = (
        "id,name,true_match,file,item\n"
        "s1,a shoe,shoe-7,png/1.png,\n"
        "s2,,,two.svg,\n"
        "s3,,,many.ndjson,k2\n"
        "s4,,,many.ndjson,1\n"
        "s5,,,three.npz,first\n"
        "s6,,,five.npz,1\n"
    )
    files = {
        "png/1.png": drawing(1),
        "two.svg": SVG,
        "many.ndjson": ndjson("k1", "k2"),
        "three.npz": npz(first=THREE, second=THREE),
        "five.npz": npz(all=FIVE),
    }
    row = imported(zipped(manifest, files))
    assert (row.status, row.n_rows, row.findings) == ("done", 6, [])
    sketches = {one.own_id: one for one in Sketch.objects.filter(study_set=row.study_set)}
    assert list(sketches) == ["s1", "s2", "s3", "s4", "s5", "s6"]
    assert all(one.strokes["strokes"] for one in sketches.values() if one.strokes)
    assert (sketches["s1"].name, sketches["s1"].product) == ("a shoe", shoe)
    assert sketches["s1"].raster.read() == drawing(1)
    assert not sketches["s2"].raster
    assert len(sketches["s5"].strokes["strokes"]) == 2  # type: ignore[index]
    assert not row.file  # the upload is gone


def test_a_json_manifest_and_a_folder_in_the_zip() -> None:
    manifest = json.dumps([{"own_id": 17, "word": "chair", "file": "a.svg"}])
    row = imported(zipped(manifest, {"pack/a.svg": SVG}, name="pack/manifest.json"))
    assert row.status == "done", row.findings
    assert Sketch.objects.get().own_id == "17"


def test_one_bad_row_imports_nothing_and_all_bad_rows_are_named(operator_api: APIClient) -> None:
    manifest = (
        "id,true_match,file,item\n"
        "good,,a.svg,\n"
        "good,,a.svg,\n"
        ",,a.svg,\n"
        "gone,,b.svg,\n"
        "match,nowhere,a.svg,\n"
        "text,,notes.txt,\n"
        "blank,,blank.png,\n"
        "many,,many.ndjson,\n"
        "key,,many.ndjson,k9\n"
        "pickled,,object.npz,1\n"
        "up,,../a.svg,\n"
    )
    files = {
        "a.svg": SVG,
        "notes.txt": b"x",
        "blank.png": picture(1)[:200],
        "many.ndjson": ndjson("k1", "k2"),
        "object.npz": npz(all=np.array([THREE, THREE[:2]], dtype=object)),
    }
    row = imported(zipped(manifest, files))
    assert (row.status, row.n_refused, Sketch.objects.count()) == ("failed", 10, 0)
    found = {(number, file, field): why for number, file, field, why in texts(row, operator_api)}
    assert set(found) == {
        (2, "a.svg", "id"),
        (3, "a.svg", "id"),
        (4, "b.svg", "file"),
        (5, "a.svg", "true_match"),
        (6, "notes.txt", "file"),
        (7, "blank.png", "file"),
        (8, "many.ndjson", "item"),
        (9, "many.ndjson", "item"),
        (10, "object.npz", "file"),
        (11, "../a.svg", "file"),
    }
    assert "2 drawings" in found[8, "many.ndjson", "item"]
    assert "row 1" in found[2, "a.svg", "id"]


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        (b"not a zip", "file", "not a readable zip"),
        (zipped("", {"a.svg": SVG}, name="readme.txt"), "manifest", "manifest.csv"),
        (zipped("id,file,tru_match\n1,a.svg,\n", {"a.svg": SVG}), "tru_match", "true_match"),
        (zipped("id,name\n1,x\n", {}), "file", "missing"),
        (zipped("id,file\n", {}), "manifest", "no rows"),
        (
            zipped("id,own_id,file\n1,2,a.svg\n", {"a.svg": SVG}),
            "own_id",
            "id and own_id mean the same column",
        ),
        (zipped("sku,true_match,id,file\n", {}), "true_match", "sku and true_match"),
        (zipped("", {}), "header", "the file is empty"),
        (zipped("[1", {}, name="manifest.json"), "manifest", "the file is incomplete"),
    ],
)
def test_an_unusable_zip_says_why(operator_api: APIClient, data: bytes, field: str, words: str) -> None:
    row = imported(data)
    assert row.status == "failed"
    ((number, _, named, why),) = texts(row, operator_api)
    assert (number, named) == (0, field)
    assert words in why
    assert "feed" not in why


@pytest.mark.parametrize(
    ("file", "data", "kept"),
    [
        ("photo.png", jpeg_of(drawing(1)), "jpg"),
        ("photo.jpeg", drawing(1), "png"),
        ("picture.png", SVG, ""),
        ("sketch.svg", drawing(1), "png"),
        ("no-extension", drawing(1), "png"),
        ("strokes.svg", npz(only=THREE), ""),
        ("strokes.npz", b"\xef\xbb\xbf" + ndjson("k1"), ""),
    ],
)
def test_a_file_is_read_by_its_content_whatever_its_name(file: str, data: bytes, kept: str) -> None:
    row = imported(zipped(f"id,file\ns1,{file}\n", {file: data}))
    assert row.status == "done", row.findings
    sketch = Sketch.objects.get()
    assert str(sketch.raster.name or "").rpartition(".")[2] == kept
    assert not kept or sketch.raster.read() == data


def test_content_that_is_no_drawing_is_refused_by_row_and_file(operator_api: APIClient) -> None:
    webp = io.BytesIO()
    Image.open(io.BytesIO(drawing(1))).save(webp, "WEBP")
    files = {"a.png": webp.getvalue(), "b.svg": b"<html></html>", "c.npz": b"", "d.ndjson": b"[1, 2]"}
    row = imported(zipped("id,file\n1,a.png\n2,b.svg\n3,c.npz\n4,d.ndjson\n", files))
    found = texts(row, operator_api)
    assert [(number, file, field) for number, file, field, _ in found] == [
        (n, name, "file") for n, name in enumerate(files, start=1)
    ]
    assert {why for *_, why in found} == {
        "its content is none of PNG, JPEG, SVG, QuickDraw ndjson and stroke-3/5 npz"
    }


def test_errors_of_stroke_files_are_german_for_germans(operator_api: APIClient) -> None:
    files = {
        "object.npz": npz(all=np.array([THREE, THREE[:2]], dtype=object)),
        "shape.npz": npz(all=THREE[:, :2]),
        "pen.npz": npz(all=THREE * 2),
        "hot.npz": npz(all=FIVE[0] * 2),
        "far.npz": npz(all=THREE * [1e9, 1, 1]),
        "none.npz": npz(all=np.zeros((0, 3))),
        "broken.npz": b"PK\x03\x04 broken",
        "list.ndjson": b'{"drawing": []}',
        "axes.ndjson": b'{"drawing": [[[1, 2], [1]]]}',
    }
    row = imported(zipped("id,file\n" + "".join(f"{name},{name}\n" for name in files), files))
    assert row.n_refused == len(files)
    here = f"/api/v1/study-sets/{row.study_set_id}/"

    def told(language: str) -> dict[str, str]:
        found = operator_api.get(here, headers={"accept-language": language}).json()["imports"][0]["findings"]
        return {one["file"]: one["message"] for one in found}

    english, german = told("en"), told("de")
    assert {name for name in files if english[name] == german[name]} == set()
    assert german["shape.npz"] == "hat die Form 4 x 2, erwartet werden Zeilen aus 3 Zahlen"


def test_addresses_of_private_photos_do_not_tell_own_ids() -> None:
    row = imported(zipped("id,file\nmatch-01,match-01.png\n", {"match-01.png": picture(1)}), "photos")
    photo = Photo.objects.get()
    assert not any("match" in str(name) for name in (photo.file, photo.thumb, photo.edges))
    assert StudyPhoto.objects.get().own_id == "match-01"
    again = imported(zipped("id,file\nmatch-01,1.png\n", {"1.png": picture(1)}), "photos")
    assert again.status == row.status == "done"
    assert len(set(Photo.objects.values_list("file", flat=True))) == 2


def test_photos_are_private_products_and_can_be_true_matches(operator_api: APIClient) -> None:
    photos = zipped(
        "id,name,file\np1,Red shoe,1.png\np2,,2.png\n", {"1.png": picture(1), "2.png": picture(2)}
    )
    row = imported(photos, "photos")
    assert row.status == "done", row.findings
    own = {one.own_id: one.product for one in StudyPhoto.objects.select_related("product")}
    assert [(p.name, p.private, p.active) for p in own.values()] == [
        ("Red shoe", True, False),
        ("p2", True, False),
    ]
    assert all(default_storage.exists(str(photo.file.name)) for photo in Photo.objects.all())
    again = imported(zipped("id,true_match,file\ns1,p2,a.svg\n", {"a.svg": SVG}), study_set=row.study_set)
    assert again.status == "done", again.findings
    assert Sketch.objects.get().product == own["p2"]
    (shown,) = operator_api.get(f"/api/v1/study-sets/{row.study_set_id}/sketches/").json()["results"]
    assert shown["true_match"] == "p2"


def test_a_refused_photo_leaves_no_file_behind() -> None:
    row = imported(zipped("id,file\np1,1.png\np2,2.png\n", {"1.png": picture(1), "2.png": b"no"}), "photos")
    assert (row.status, StudyPhoto.objects.count(), Product.everything.count()) == ("failed", 0, 0)
    folders = default_storage.listdir("photos")[0] if default_storage.exists("photos") else []
    assert [name for folder in folders for name in default_storage.listdir(f"photos/{folder}")[1]] == []


def test_a_second_import_of_the_same_ids_is_refused(operator_api: APIClient) -> None:
    data = zipped("id,file\ns1,a.svg\n", {"a.svg": SVG})
    first = imported(data)
    second = imported(data, study_set=first.study_set)
    assert texts(second, operator_api) == [(1, "a.svg", "id", "s1 is already in this set")]
    assert imported(data).status == "done"  # another set has its own ids


def test_an_import_whose_worker_was_killed_is_run_again_and_not_for_ever() -> None:
    study_set = study_set_create(name="Pilot", by=None)
    data = ContentFile(zipped("id,file\ns1,a.svg\n", {"a.svg": SVG}), "pack.zip")
    row = material_import_create(study_set=study_set, what="sketches", file=data, by=None)
    long_ago = timezone.now() - timedelta(minutes=5)
    MaterialImport.objects.update(status="running", attempts=1, heartbeat_at=long_ago)
    assert material_imports_unattended(now=timezone.now()) == [row.pk]
    MaterialImport.objects.update(attempts=3)
    assert material_imports_unattended(now=timezone.now()) == []
    row.refresh_from_db()
    assert (row.status, row.n_refused) == ("failed", 1)
    MaterialImport.objects.update(status="queued", attempts=0)
    material_import_run(import_id=row.pk)
    assert Sketch.objects.count() == 1
    material_import_run(import_id=row.pk)  # done: nothing happens
    assert Sketch.objects.count() == 1


def test_operators_make_sets_upload_and_look(operator_api: APIClient, api: APIClient) -> None:
    assert api.get("/api/v1/study-sets/").status_code in (401, 403)
    made = operator_api.post("/api/v1/study-sets/", {"name": "Pilot"})
    assert (made.status_code, made.json()["n_sketches"]) == (201, 0)
    assert operator_api.post("/api/v1/study-sets/", {"name": "Pilot"}).json()["field"] == "name"
    here = f"/api/v1/study-sets/{made.json()['id']}/"
    upload = ContentFile(zipped("id,name,file\ns1,Shoe,a.svg\n", {"a.svg": SVG}), "pack.zip")
    sent = operator_api.post(f"{here}imports/", {"what": "sketches", "file": upload}, format="multipart")
    assert (sent.status_code, sent.json()["status"]) == (202, "queued")
    material_import_run(import_id=sent.json()["id"])
    shown = operator_api.get(here).json()
    assert (shown["n_sketches"], shown["imports"][0]["status"]) == (1, "done")
    (sketch,) = operator_api.get(f"{here}sketches/").json()["results"]
    assert (sketch["own_id"], sketch["name"], sketch["true_match"]) == ("s1", "Shoe", "")
    assert AuditEvent.objects.filter(action="material.import").count() == 1


def test_a_set_is_deleted_whole_unless_a_campaign_uses_it(operator_api: APIClient) -> None:
    row = imported(zipped("id,file\np1,1.png\n", {"1.png": picture(1)}), "photos")
    imported(zipped("id,file\ns1,a.svg\n", {"a.svg": SVG}), study_set=row.study_set)
    campaign = make_campaign(0, kind="sketches")
    task = Task.objects.create(campaign=campaign, kind="sketches", product=StudyPhoto.objects.get().product)
    here = f"/api/v1/study-sets/{row.study_set_id}/"
    assert operator_api.delete(here).status_code == 409
    assert (Sketch.objects.count(), StudyPhoto.objects.count()) == (1, 1)
    task.delete()
    assert operator_api.delete(here).status_code == 204
    assert (StudySet.objects.count(), Sketch.objects.count(), Product.everything.count()) == (0, 0, 0)


def test_the_command_imports_a_zip_or_names_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(zipped("id,file\ns1,a.svg\n", {"a.svg": SVG}))
    bad.write_bytes(zipped("id,file\ns2,b.svg\n", {"a.svg": SVG}))
    call_command("study_import", "Pilot", str(good), what="sketches")
    assert "1 sketches added to Pilot" in capsys.readouterr().out
    with pytest.raises(CommandError, match="1 rows refused"):
        call_command("study_import", "Pilot", str(bad), what="sketches")
    assert "row 1 s2 b.svg: file" in capsys.readouterr().err
