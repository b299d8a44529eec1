"""Memory drawings come out as stroke data that every reader of QuickDraw's layout understands, with what was seen."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Assignment, Campaign, Sketch, Task, Vote
from ml.sketch.formats.quickdraw import read_drawings
from tests.support.crowd import STROKES, HttpWorker, add_tasks, key, make_campaign, make_products

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """One worker looks twice and draws, one cannot draw it."""
    ahead, real = timedelta(), timezone.now

    def wait(seconds: float) -> None:
        nonlocal ahead
        ahead += timedelta(seconds=seconds)

    monkeypatch.setattr(timezone, "now", lambda: real() + ahead)
    campaign = make_campaign(0, kind="sketches", status="open", votes_per_task=2)
    add_tasks(campaign, [Task(product=make_products(1)[0])])
    for can in (True, False):
        worker = HttpWorker(campaign)
        card = worker.next()
        for _ in range(2 if can else 1):
            worker.on(card["id"], "exposure/start")
            wait(16)
            worker.on(card["id"], "exposure/end")
        answer = {"sketch": STROKES} if can else {"cant": True}
        assert worker.on(card["id"], "sketch", idempotency_key=key(), **answer).status_code == 200
    return campaign


def exported(api: APIClient, campaign: Campaign, what: str, **query: str) -> bytes:
    response: Any = api.get(f"/api/v1/campaigns/{campaign.pk}/export/{what}", query)
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def test_a_drawing_has_worker_exposure_and_looks(
    drawn: Campaign, operator_api: APIClient, tmp_path: Path
) -> None:
    data = exported(operator_api, drawn, "drawings")
    (line,) = [json.loads(text) for text in data.splitlines()]
    sketch, vote = Sketch.objects.get(), Vote.objects.get(choice="drawn")
    product = Task.objects.get().product
    assert product is not None
    assert (line["key_id"], line["product"], line["word"]) == (sketch.key, product.sku, product.category.slug)
    assert (line["looks"], line["exposure_set_s"]) == (2, 15)
    assert line["exposure_delivered_s"] == pytest.approx(16, abs=0.5)
    assert line["drawing"] == [[[10, 90], [10, 90], [0, 40]]]
    assert (line["width"], line["height"], line["vote"], line["counted"]) == (100, 100, vote.pk, True)
    path = tmp_path / "drawings.ndjson"
    path.write_bytes(data)
    (read,) = read_drawings(path)
    assert (read.key_id, read.fields["worker"]) == (sketch.key, line["worker"])
    assert len(read.sketch.strokes) == 1


def test_votes_name_the_drawing_and_state_the_exposure_even_without_one(
    drawn: Campaign, operator_api: APIClient
) -> None:
    done, cant = (
        json.loads(line) for line in exported(operator_api, drawn, "votes", type="jsonl").splitlines()
    )
    assert (done["drawing"], done["looks"]) == (Sketch.objects.get().key, 2)
    assert (cant["drawing"], cant["looks"], cant["not_counted"], cant["skipped"]) == (
        None, 1, "cant_draw", True,
    )  # fmt: skip
    assert cant["exposure_delivered_s"] == pytest.approx(16, abs=0.5)
    # The drawing keeps what was seen before it, whatever is shown later.
    Assignment.objects.update(n_exposures=9, exposure_ended_at=None)
    again = json.loads(exported(operator_api, drawn, "votes", type="jsonl").splitlines()[0])
    assert (again["looks"], again["exposure_delivered_s"]) == (2, done["exposure_delivered_s"])


def test_the_zip_contains_drawings_and_describes_them(drawn: Campaign, operator_api: APIClient) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(operator_api, drawn, "study", type="jsonl")))
    assert archive.read("drawings.ndjson") == exported(operator_api, drawn, "drawings")
    book = archive.read("codebook.md").decode().partition("## Drawings")[2]
    for name in json.loads(archive.read("drawings.ndjson").splitlines()[0]):
        assert f"| `{name}` |" in book
    assert "The photo is shown for 15 s" in archive.read("datasheet.md").decode()
