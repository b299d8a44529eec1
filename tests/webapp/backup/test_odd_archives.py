"""Given any invalid archive, `restore` reports the error on one line and changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import shutil
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.factories import CategoryFactory
from webapp.backup.archive import MANIFEST
from webapp.backup.services import backup_write
from webapp.catalog.models import Category

pytestmark = pytest.mark.django_db(transaction=True)
Members = dict[str, bytes]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    CategoryFactory()
    storages["default"].save("photos/a.webp", ContentFile(b"a" * 5000))
    return backup_write(to=tmp_path / "good.tar", now=timezone.now()).path


def rewritten(good: Path, change: Callable[[Members, dict[str, Any]], object]) -> Path:
    """Return the archive with changed members and manifest, and correct hashes."""
    with tarfile.open(good) as source:
        members = {member.name: file.read() for member in source if (file := source.extractfile(member))}
    manifest = json.loads(members.pop(MANIFEST))
    change(members, manifest)
    manifest["files"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
    }
    made = good.with_name("odd.tar")
    with tarfile.open(made, "w") as target:
        for name, content in {**members, MANIFEST: json.dumps(manifest).encode()}.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            target.addfile(header, io.BytesIO(content))
    return made


def refused(archive: Path, match: str = "") -> None:
    before = sorted(path.name for path in Path(storages["default"].path("")).rglob("*"))
    late = CategoryFactory()
    with pytest.raises(CommandError, match=match) as why:
        call_command("restore", "--force", "--from", str(archive))
    assert "\n" not in str(why.value)
    assert Category.objects.filter(pk=late.pk).exists()
    assert sorted(path.name for path in Path(storages["default"].path("")).rglob("*")) == before


def of_database(members: Members) -> str:
    return next(name for name in sorted(members) if name.startswith("database/"))


def packed_anew(content: Callable[[bytes], bytes]) -> Callable[[Members, dict[str, Any]], None]:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        members[of_database(members)] = content(members[of_database(members)])

    return change


def test_a_good_archive_is_restored(good: Path) -> None:
    Category.objects.all().delete()
    call_command("restore", "--force", "--from", str(rewritten(good, lambda members, manifest: None)))
    assert Category.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (packed_anew(lambda old: b"no gzip"), "cannot be unpacked"),
        (packed_anew(lambda old: old[:-9]), "cannot be unpacked"),
        (packed_anew(lambda old: gzip.compress(bytes(50_000_000))), "longer than the manifest says"),
        (lambda members, facts: facts.pop("migrations"), "migrations"),
        (lambda members, facts: facts.update(migrations=[]), "migrations"),
        (lambda members, facts: facts.update(migrations=["a", 1]), "migrations"),
        (lambda members, facts: facts.update(migrations=7), "migrations"),
        (lambda members, facts: facts.update(unpacked={"a": -1}), "unpacked"),
        (lambda members, facts: facts.update(unpacked=[1]), "unpacked"),
        (lambda members, facts: members.pop(of_database(members)), "missing"),
        (lambda members, facts: members.update({"media/public/../x": b""}), "not the name of a stored file"),
        (
            lambda members, facts: members.update({"media/public//etc/passwd": b""}),
            "not the name of a stored file",
        ),
        (lambda members, facts: members.update({"media/other/x": b""}), "not the name of a stored file"),
    ],
)
def test_an_odd_archive_is_refused(good: Path, change: Any, why: str) -> None:
    refused(rewritten(good, change), why)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the file of a SQLite database")
@pytest.mark.parametrize("content", [b"", b"not a database" * 100], ids=["empty", "other"])
def test_an_empty_database_is_refused(good: Path, content: bytes) -> None:
    refused(rewritten(good, packed_anew(lambda old: gzip.compress(content))), "not the database of a site")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's archive is the whole file")
def test_tables_of_others_are_not_touched(good: Path) -> None:
    def change(members: Members, facts: dict[str, Any]) -> None:
        facts["tables"]["pg_class"] = ["oid"]
        members["database/pg_class.copy.gz"] = gzip.compress(b"")

    refused(rewritten(good, change), "pg_class: not a table of this site")


def test_a_disk_without_room_is_found_before_anything_is_written(good: Path, monkeypatch: Any) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    refused(good, "MB free")


def test_a_member_that_claims_more_bytes_than_it_has_is_refused(good: Path) -> None:
    made = good.with_name("sparse.tar")
    with tarfile.open(made, "w") as target:
        header = tarfile.TarInfo("media/public/hole")
        header.type = tarfile.GNUTYPE_SPARSE
        target.addfile(header)
    content = bytearray(made.read_bytes())
    content[386:398] = b"0" * 12  # offset of its first part
    content[398:410] = b"0" * 12
    content[482:483] = b"\0"
    content[483:495] = b"77777777777\0"  # eight gigabytes
    content[148:156] = b" " * 8
    content[148:156] = f"{sum(content[:512]):06o}\0 ".encode()
    made.write_bytes(content)
    with tarfile.open(made) as found:
        assert next(iter(found)).size > 1e9
    refused(made, "not a file of a backup")


def test_manifest_nested_without_end(good: Path) -> None:
    made = good.with_name("deep.tar")
    with tarfile.open(made, "w") as target:
        header = tarfile.TarInfo(MANIFEST)
        header.size = 200_000
        target.addfile(header, io.BytesIO(b"[" * 200_000))
    refused(made, "not JSON")


def test_headers_without_end(good: Path) -> None:
    """Each header announces the next, and tarfile reads them recursively."""
    header = tarfile.TarInfo("x")
    header.type = tarfile.XHDTYPE
    good.write_bytes(header.tobuf(tarfile.USTAR_FORMAT) * 2000)
    refused(good, "not a complete archive|truncated")


def test_no_flipped_or_missing_bytes_give_a_traceback(good: Path) -> None:
    content = good.read_bytes()
    dice = random.Random(3)
    for _ in range(40):
        odd = bytearray(content)
        if dice.random() < 0.5:
            del odd[dice.randrange(len(odd)) :]
        else:
            for _ in range(dice.randrange(1, 20)):
                odd[dice.choice([dice.randrange(512), dice.randrange(len(odd))])] = dice.randrange(256)
        made = good.with_name("flipped.tar")
        made.write_bytes(odd)
        with suppress(CommandError):  # a change of an unused field, such as a date, is accepted
            call_command("restore", "--check", "--from", str(made), stdout=io.StringIO())
