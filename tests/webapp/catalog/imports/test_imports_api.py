"""POST, GET /api/v1/catalog/imports/, GET /api/v1/catalog/imports/{id}/, .../report/, and the job behind them."""

from __future__ import annotations

import csv
import io
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from tests.factories import picture
from webapp.accounts.models import User
from webapp.catalog import jobs, services
from webapp.catalog.import_models import LEASE, MAX_TAKEOVERS, CatalogImport, uploads
from webapp.catalog.models import Product

URL = "/api/v1/catalog/imports/"
FEED = "sku,name,category,photo\nA1,Stool,stools,1.png\nA2,Chair,chairs,none.png\nA3,Lamp,lamps,3.png\n"


@pytest.fixture
def woken(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> list[str]:
    """The imports for which a worker was woken."""
    ids: list[str] = []
    monkeypatch.setattr(jobs.catalog_import_job, "delay", ids.append)
    return ids


def _images(*numbers: int) -> SimpleUploadedFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number in numbers:
            packed.writestr(f"{number}.png", picture(number, side=48))
    return SimpleUploadedFile("images.zip", file.getvalue())


def _upload(**more: object) -> dict[str, object]:
    return {"feed": SimpleUploadedFile("feed.csv", FEED.encode()), "images": _images(1, 3), **more}


def _posted(operator_api: APIClient, capture: DjangoCaptureOnCommitCallbacks, **more: object) -> Any:
    with capture(execute=True):
        return operator_api.post(URL, _upload(**more), format="multipart")


def test_upload_is_accepted_run_and_reported(
    operator_api: APIClient,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    accepted = _posted(operator_api, django_capture_on_commit_callbacks)
    assert accepted.status_code == 202
    row = accepted.json()
    assert (row["status"], row["progress"], row["feed_name"]) == ("queued", 0.0, "feed.csv")
    assert woken == [row["id"]]
    jobs.catalog_import_job(woken[0])
    done = operator_api.get(f"{URL}{row['id']}/").json()
    assert (done["status"], done["progress"], done["error"]) == ("done", 1.0, "")
    assert (done["rows"], done["created"], done["refused"]) == (3, 2, 1)
    assert done["issues"] == [
        {
            "row": 2,
            "sku": "A2",
            "field": "photo",
            "why": "'none.png' is not among the pictures",
            "refused": True,
        }
    ]
    assert set(Product.objects.values_list("sku", flat=True)) == {"A1", "A3"}
    report = operator_api.get(f"{URL}{row['id']}/report/")
    assert list(csv.reader(io.StringIO(report.getvalue().decode()))) == [
        ["row", "sku", "outcome", "field", "why"],
        ["2", "A2", "refused", "photo", "'none.png' is not among the pictures"],
    ]
    assert operator_api.get(URL).json()["results"][0]["id"] == row["id"]


def test_uploads_are_private_and_deleted_when_done(
    operator_api: APIClient,
    api: APIClient,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    settings: Settings,
) -> None:
    _posted(operator_api, django_capture_on_commit_callbacks)
    row = CatalogImport.objects.get()
    assert Path(row.feed.path).is_relative_to(settings.STORAGES["private"]["OPTIONS"]["location"])
    assert api.get(f"/media/{row.feed.name}").status_code == 404
    services.catalog_import_run(import_id=row.pk)
    assert not uploads.exists(row.feed.name)
    assert not uploads.exists(row.images.name)


def test_dry_run(
    operator_api: APIClient,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    _posted(operator_api, django_capture_on_commit_callbacks, dry_run="true")
    services.catalog_import_run(import_id=CatalogImport.objects.get().pk)
    assert CatalogImport.objects.get().created == 2
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("feed", "error"),
    [("sku,name\n", "has no rows"), ("", "empty")],
)
def test_unusable_feed(
    operator_api: APIClient,
    woken: list[str],
    feed: str,
    error: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = operator_api.post(
            URL, {"feed": SimpleUploadedFile("feed.csv", feed.encode())}, format="multipart"
        )
    if not feed:
        assert answer.status_code == 400
        assert answer.json()["field"] == "feed"
        assert error in answer.json()["detail"]
        return
    jobs.catalog_import_job(woken[0])
    failed = operator_api.get(f"{URL}{answer.json()['id']}/").json()
    assert failed["status"] == "failed"
    assert error in failed["error"]


def test_upload_of_another_kind_or_size_is_refused_at_once(
    operator_api: APIClient, woken: list[str], settings: Settings
) -> None:
    wrong = SimpleUploadedFile("feed.xlsx", b"PK")
    refused = operator_api.post(URL, {"feed": wrong}, format="multipart")
    assert (refused.status_code, refused.json()["field"]) == (400, "feed")
    settings.FEED_MAX_BYTES = 10
    refused = operator_api.post(URL, _upload(), format="multipart")
    assert (refused.status_code, refused.json()["field"]) == (400, "feed")
    assert operator_api.post(URL, {"feed": "text"}, format="json").status_code == 415
    assert not CatalogImport.objects.exists()


@pytest.mark.parametrize("cast", ["stranger_api", "owner_api"])
def test_only_operators_have_access(request: pytest.FixtureRequest, cast: str, operator: User) -> None:
    client = request.getfixturevalue(cast)
    row = CatalogImport.objects.create(feed="x", feed_name="x.csv", created_by=operator)
    assert client.post(URL, _upload(), format="multipart").status_code == 403
    assert client.get(URL).status_code == 403
    assert client.get(f"{URL}{row.pk}/").status_code == 403
    assert client.get(f"{URL}{row.pk}/report/").status_code == 403


def test_anonymous_users_are_refused(api: APIClient, db: None) -> None:
    assert api.post(URL, _upload(), format="multipart").status_code == 401


# The job


@pytest.fixture
def queued(operator: User) -> CatalogImport:
    return services.catalog_import_create(
        feed=SimpleUploadedFile("feed.csv", FEED.encode()), images=_images(1, 3), created_by=operator
    )


def test_only_one_worker_claims(queued: CatalogImport) -> None:
    now = timezone.now()
    assert services.catalog_import_claim(import_id=queued.pk, now=now) == 1
    assert services.catalog_import_claim(import_id=queued.pk, now=now) is None
    assert services.catalog_import_claim(import_id=queued.pk, now=now + LEASE + timedelta(seconds=1)) == 2


def test_a_killed_workers_import_is_claimed_by_another_and_completed(
    queued: CatalogImport, monkeypatch: pytest.MonkeyPatch, woken: list[str]
) -> None:
    """The first worker dies after a batch; the reaper wakes another, whose counts are saved."""
    noted = services._save_step

    def dies(*args: Any) -> None:
        noted(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "_save_step", dies)
    with pytest.raises(KeyboardInterrupt):
        services.catalog_import_run(import_id=queued.pk)
    monkeypatch.setattr(services, "_save_step", noted)
    jobs.imports_reap_job()
    assert woken == []  # the dead worker's lease has not expired yet
    CatalogImport.objects.update(heartbeat_at=timezone.now() - LEASE - timedelta(seconds=1))
    jobs.imports_reap_job()
    assert woken == [str(queued.pk)]
    jobs.catalog_import_job(woken[0])
    queued.refresh_from_db()
    assert (queued.status, queued.attempts) == ("done", 2)
    assert (queued.unchanged, queued.refused) == (2, 1)
    assert queued.issues.count() == 1


def test_an_import_that_silences_every_worker_fails_and_can_be_started_again(
    queued: CatalogImport, woken: list[str]
) -> None:
    now = timezone.now()
    for attempt in range(1, 2 + MAX_TAKEOVERS):
        assert services.catalog_import_claim(import_id=queued.pk, now=now) == attempt
        now += LEASE + timedelta(seconds=1)
    assert services.catalog_import_claim(import_id=queued.pk, now=now) is None
    assert services.catalog_imports_unattended(now=now) == []
    CatalogImport.objects.update(rows=64, created=64, heartbeat_at=timezone.now() - 2 * LEASE)
    jobs.imports_reap_job()
    queued.refresh_from_db()
    assert (queued.status, woken) == ("failed", [])
    assert "5 workers in turn fell silent after row 64" in queued.error_text
    assert services.catalog_import_start(import_id=queued.pk, dry_run=False, complete=False, confirmed=None)
    services.catalog_import_run(import_id=queued.pk)
    queued.refresh_from_db()
    assert (queued.status, queued.takeovers) == ("done", 0)


def test_slow_worker_that_lost_its_lease_stops(
    queued: CatalogImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not overwrite its successor's counts."""
    noted = services._save_step

    def overtaken(row: Any, *args: Any) -> None:
        CatalogImport.objects.update(attempts=9)
        noted(row, *args)

    monkeypatch.setattr(services, "_save_step", overtaken)
    services.catalog_import_run(import_id=queued.pk)
    queued.refresh_from_db()
    assert (queued.status, queued.attempts, queued.rows) == ("running", 9, 0)


def test_lost_message_is_sent_again(queued: CatalogImport, woken: list[str]) -> None:
    jobs.imports_reap_job()
    assert woken == []
    CatalogImport.objects.update(created_at=timezone.now() - LEASE)
    jobs.imports_reap_job()
    assert woken == [str(queued.pk)]


def test_server_failure_is_reported_without_internals_and_can_be_retried(
    queued: CatalogImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("password in the traceback")

    monkeypatch.setattr(services, "feed_import", fails)
    services.catalog_import_run(import_id=queued.pk)
    queued.refresh_from_db()
    assert queued.status == "failed"
    assert "password" not in queued.error
    monkeypatch.undo()
    assert services.catalog_import_requeue(import_id=queued.pk)
    services.catalog_import_run(import_id=queued.pk)
    queued.refresh_from_db()
    assert queued.status == "done"


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_for_an_import_get_it_once(queued: CatalogImport) -> None:
    """Real threads with their own connections."""
    together = threading.Barrier(6)

    def claim(_: int) -> int | None:
        try:
            together.wait()
            return services.catalog_import_claim(import_id=queued.pk, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        attempts = list(pool.map(claim, range(6)))
    assert sorted(attempts, key=str) == [1, None, None, None, None, None]


def test_findings_speak_the_language_of_whoever_asks(
    operator_api: APIClient,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    feed = (
        "sku,name,category,photo,gtin\n"
        "A1,Stool,stools,1.png,4006381333932\n"
        "A2,Chair,chairs,none.png,\n"
        "A3,Lamp,lamps\n"
        "A1,Stool,stools,1.png,\n"
    )
    row = _posted(
        operator_api,
        django_capture_on_commit_callbacks,
        feed=SimpleUploadedFile("feed.csv", feed.encode()),
        images=_images(1),
    ).json()
    jobs.catalog_import_job(row["id"])
    english, german = (
        [issue["why"] for issue in operator_api.get(f"{URL}{row['id']}/", headers=language).json()["issues"]]
        for language in ({}, {"accept-language": "de"})
    )
    assert english == [
        "4006381333932 has a wrong check digit; 4006381333931 would be right; it is left out",
        "'none.png' is not among the pictures",
        '3 fields, the header has 5; put values that contain a comma in "quotes"',
        "is already in row 1",
    ]
    assert german == [
        "4006381333932 hat eine falsche Prüfziffer; richtig wäre 4006381333931; der Wert wird weggelassen",
        "'none.png' ist nicht unter den Bildern",
        '3 Felder, die Kopfzeile hat 5; setzen Sie Werte, die ein Komma enthalten, in "Anführungszeichen"',
        "steht schon in Zeile 1",
    ]
    report = operator_api.get(f"{URL}{row['id']}/report/", headers={"accept-language": "de"})
    lines = list(csv.reader(io.StringIO(report.getvalue().decode())))
    assert [line[-1] for line in lines[1:]] == ["'" + why if why[0] in "=+-@" else why for why in german]


def test_an_error_of_a_whole_feed_is_translated_with_the_reason_within(
    operator_api: APIClient,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    feed = SimpleUploadedFile("feed.csv", b"sku,name,category,photo\nA1,Stool,stools,none.png\n")
    row = _posted(operator_api, django_capture_on_commit_callbacks, feed=feed, images=_images(1)).json()
    jobs.catalog_import_job(row["id"])
    answer = operator_api.get(f"{URL}{row['id']}/", headers={"accept-language": "de"}).json()
    assert answer["error"] == (
        "feed: jede Zeile wurde abgelehnt, zum Beispiel Zeile 1 A1: photo: 'none.png' ist nicht unter den Bildern"
    )
