"""`manage.py backup` and `manage.py restore`: a restored site answers like the original."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from annotation.models import Vote
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from tests.e2e.site_process import fresh_database
from tests.factories import CategoryFactory, ProductFactory
from tests.support.crowd import key, make_campaign, make_enrolment
from webapp.backup import files, postgresql
from webapp.backup.archive import ArchiveError, ArchiveWriter, archive_open
from webapp.backup.services import backup_write, site_is_empty
from webapp.catalog.models import Category, Product
from webapp.config.environment import BASE_DIR
from webapp.registry.models import Release, SketchSum

pytestmark = pytest.mark.django_db(transaction=True)

# The other site has the shipped recogniser, this one none.
QUERY = {
    "sketch": {"width": 9, "height": 9, "strokes": [[[1, 1], [7, 2], [3, 8]]]},
    "k": 12,
    "by_shape": True,
}
ASKED = "tests.webapp.backup.restored_site"


class OtherSite:
    """A site with its own database, files and processes."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "SKETCHFIND_DATA_DIR": str(folder / "var"),
            "SKETCHFIND_DATABASE_URL": database_url or f"sqlite:///{folder / 'other.sqlite3'}",
            "SKETCHFIND_MEDIA_URL": f"file:{folder / 'media'}",
            "SKETCHFIND_REDIS_URL": "",
            "SKETCHFIND_SECRET_KEY": "another site " * 4,
            "SKETCHFIND_LOG_LEVEL": "WARNING",
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def answers(self) -> dict[str, Any]:
        done = self.run("-m", ASKED, json.dumps(QUERY))
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def other(tmp_path: Path) -> OtherSite:
    url = os.environ.get("SKETCHFIND_DATABASE_URL", "") if connection.vendor == "postgresql" else ""
    name = f"restored_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    return OtherSite(tmp_path / "other", fresh_database(url, name))


@pytest.fixture
def sketch_sum() -> SketchSum:
    """What visitors of the site have drawn."""
    return SketchSum.objects.create(encoder_sha256="e" * 64, n=41, total=bytes(range(256)))


@pytest.fixture
def voted(products: list[Product], make_release: Callable[..., Release], sketch_sum: SketchSum) -> Vote:
    """A live release of twelve products, centred on them, and one vote."""
    make_release(centres=True)
    (assignment,) = assignments_claim(
        enrolment_id=make_enrolment(make_campaign(1)).pk, wanted=1, now=timezone.now()
    ).assignments
    return vote_cast(
        worker=assignment.worker,
        assignment_id=assignment.pk,
        answer=Answer("left", key(), 900),
        now=timezone.now(),
    ).vote


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def archive(voted: Vote, folder: Path) -> Path:
    """An archive of a site with a live release."""
    call_command("backup", to=folder)
    (made,) = folder.iterdir()  # nothing else is left
    return made


@pytest.fixture
def small(folder: Path) -> Path:
    """An archive of a site with one category and one file."""
    CategoryFactory()
    storages["default"].save("photos/a.webp", ContentFile(b"a" * 5000))
    return backup_write(to=folder, now=timezone.now()).path


def test_restored_site_answers_the_same_and_keeps_votes_as_they_are(
    archive: Path, voted: Vote, sketch_sum: SketchSum, other: OtherSite
) -> None:
    here = Client().post("/api/v1/search", QUERY, content_type="application/json").json()["results"]
    done = other.run("manage.py", "restore", "--from", str(archive))
    assert done.returncode == 0, done.stderr
    there = other.answers()
    assert there["results"] == here
    assert there["photo_bytes"] > 100
    assert there["sketch_sums"] == [[sketch_sum.encoder_sha256, 41, bytes(sketch_sum.total).hex()]]
    assert there["votes"] == [[voted.pk, voted.choice, voted.slot, voted.counted]]
    assert not there["vote_changed"]
    assert there["new_id"] > Product.objects.latest("pk").pk  # no id is reused

    forced = other.run("manage.py", "restore", "--force", "--from", str(archive))
    assert forced.returncode == 0, forced.stderr
    assert other.answers() == there  # its new product is gone, and created again


def test_an_existing_site_is_replaced_only_with_force(small: Path) -> None:
    late = CategoryFactory()
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", "--from", str(small))
    assert Category.objects.filter(pk=late.pk).exists()


def test_tables_alone_do_not_count_as_a_site() -> None:
    assert site_is_empty()
    Product.objects.create(sku="a", name="A", category=CategoryFactory())
    assert not site_is_empty()


def test_files_alone_count_as_a_site() -> None:
    storages["default"].save("photos/a.webp", ContentFile(b"a"))
    assert not site_is_empty()


def test_damaged_archive_touches_nothing(small: Path) -> None:
    content = bytearray(small.read_bytes())
    content[content.index(b"aaaa") + 100] ^= 1
    small.write_bytes(content)
    photo = Path(storages["default"].path("photos/a.webp"))
    photo.write_bytes(b"newer")
    late = CategoryFactory()
    with pytest.raises(CommandError, match=r"photos/a\.webp: different from the manifest"):
        call_command("restore", "--force", "--from", str(small))
    assert photo.read_bytes() == b"newer"
    assert Category.objects.filter(pk=late.pk).exists()


def rewritten(archive: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Return the archive with a changed manifest, without updating hashes."""
    changed = archive.with_name("changed.tar")
    with tarfile.open(archive) as source, tarfile.open(changed, "w") as target:
        for member in source:
            content = source.extractfile(member)
            assert content
            if member.name == "manifest.json":
                manifest = json.load(content)
                change(manifest)
                text = archive.with_name("manifest.json")
                text.write_text(json.dumps(manifest))
                member.size, content = text.stat().st_size, text.open("rb")
            target.addfile(member, content)
    return changed


def test_archive_of_newer_code_is_refused(small: Path) -> None:
    newer = rewritten(small, lambda facts: facts["migrations"].append(["catalog", "9999_later"]))
    with pytest.raises(CommandError, match=r"newer code \(catalog.9999_later\)"):
        call_command("restore", "--check", "--from", str(newer))


def test_database_of_older_code_is_backed_up_by_that_code(tmp_path: Path) -> None:
    recorder = MigrationRecorder(connection)
    last = MigrationExecutor(connection).loader.graph.leaf_nodes("annotation")[0]
    recorder.record_unapplied(*last)
    try:
        with pytest.raises(CommandError, match=rf"annotation\.{last[1]} is not applied"):
            call_command("backup", to=tmp_path / "site.tar")
    finally:
        recorder.record_applied(*last)
    assert not (tmp_path / "site.tar").exists()


def test_the_schema_is_that_of_the_archives_migrations() -> None:
    executor = MigrationExecutor(connection)
    applied = [list(key) for key in executor.loader.applied_migrations]
    older = [key for key in applied if key != ["annotation", "0005_sketch_bytes"]]
    assert set(postgresql.leaves(executor, applied)) == set(executor.loader.graph.leaf_nodes())
    assert ("annotation", "0004_participants_by_campaign") in postgresql.leaves(executor, older)
    assert ("annotation", "0005_sketch_bytes") not in postgresql.leaves(executor, older)


def test_archive_of_the_other_kind_of_database_is_refused(small: Path) -> None:
    other = rewritten(small, lambda facts: facts.update(database="oracle"))
    with pytest.raises(CommandError, match=f"oracle, SKETCHFIND_DATABASE_URL names {connection.vendor}"):
        call_command("restore", "--check", "--from", str(other))


def test_check_reports_whether_an_archive_is_complete(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("restore", "--check", "--from", str(small))
    assert capsys.readouterr().out.startswith("complete, made at 2")


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/etc/passwd", "a//b"])
def test_no_file_leaves_its_storage(name: str) -> None:
    class Hostile:
        names = [f"media/public/{name}"]

    with pytest.raises(ArchiveError, match="not the name of a stored file"):
        files.check(Hostile())  # type: ignore[arg-type]


def test_half_written_files_stay_out(tmp_path: Path) -> None:
    for name in ("models/whole/encoder.onnx", "models/.part/encoder.onnx", "models/whole/.model.json.77"):
        path = Path(storages["private"].path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes")
    made = backup_write(to=tmp_path / "site.tar", now=timezone.now())
    with archive_open(made.path) as archive:
        of_files = [name for name in archive.names if name.startswith("media/")]
    assert of_files == ["media/private/models/whole/encoder.onnx"]


def test_files_that_the_archive_does_not_name_stay(small: Path) -> None:
    photos = Path(storages["default"].path("photos"))
    (photos / "a.webp").write_bytes(b"altered")
    storages["default"].save("photos/later.webp", ContentFile(b"later"))
    with archive_open(small) as found:
        assert files.load(found) == 1
    assert {path.name for path in photos.iterdir()} == {"a.webp", "later.webp"}
    assert (photos / "a.webp").read_bytes() == b"a" * 5000


def test_rows_are_read_before_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A product added while files are copied is not in the archive, since its files might be missing."""
    ProductFactory(sku="was-there", photo=None)
    copy = files.dump

    def dump(writer: ArchiveWriter) -> None:
        ProductFactory(sku="came-meanwhile", photo=None)
        copy(writer)

    monkeypatch.setattr(files, "dump", dump)
    made = backup_write(to=tmp_path / "site.tar", now=timezone.now())
    rows = b""
    with archive_open(made.path) as archive:
        for name in archive.names:
            if name.startswith("database/"):
                with archive.open(name) as packed:
                    rows += gzip.decompress(packed.read())
    assert b"was-there" in rows
    assert b"came-meanwhile" not in rows
