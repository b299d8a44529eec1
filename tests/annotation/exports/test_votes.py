"""Every vote comes out of a campaign, with the reason if it does not count, in three formats with the same content."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.exports.votes import rows as vote_rows
from annotation.exports.votes.columns import NOT_COUNTED, vote_columns
from annotation.identity.pseudonyms import pseudonym
from annotation.models import Assignment, Campaign, Enrolment, Task, Vote, Worker
from tests.support.crowd import (
    HttpWorker,
    add_tasks,
    add_triplets,
    key,
    make_campaign,
    make_products,
    make_sketch,
)

pytestmark = pytest.mark.django_db
ONTOLOGY = [{"slug": "arms", "en": "Has arms", "de": "Mit Lehnen"}, {"slug": "wheels", "en": "On wheels"}]


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content) if response.streaming else response.content


def exported(api: APIClient, campaign: Campaign, what: str = "votes", **query: str) -> bytes:
    return content(api.get(f"/api/v1/campaigns/{campaign.pk}/export/{what}", query))


def votes(api: APIClient, campaign: Campaign) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(api, campaign, type="jsonl").splitlines()]


@pytest.fixture
def played(operator_api: APIClient) -> Campaign:
    """A campaign in which everything happened that can happen to an answer."""
    campaign = make_campaign(0, votes_per_task=1, qualification_share=0.5, lease_s=60)
    add_triplets(campaign, 1, is_training=True, gold_answer="a")
    add_triplets(campaign, 5)
    gold = add_triplets(campaign, 1, is_gold=True, gold_answer="b")[0]
    worker = HttpWorker(campaign)
    practice = worker.next()
    left_is_a = Assignment.objects.get(pk=practice["id"]).left_is_a
    worker.vote(practice["id"], "left" if left_is_a else "right")
    first = worker.next()
    worker.vote(first["id"])
    worker.vote(first["id"])  # again
    second = worker.next()
    worker.vote(second["id"])
    worker.on(second["id"], "undo", idempotency_key=key())
    worker.vote(second["id"], "cant_tell")
    worker.vote(worker.next()["id"], "skip")
    third = worker.next()
    other = HttpWorker(campaign)
    other_practice = other.next()
    wrong = Assignment.objects.get(pk=other_practice["id"]).left_is_a
    other.vote(other_practice["id"], "right" if wrong else "left")  # fails
    enrolment = Enrolment.objects.get(pk=worker.enrolment["id"])
    Assignment.objects.create(
        task=gold, worker=enrolment.worker, enrolment=enrolment, status="leased",
        lease_expires_at=timezone.now() + timedelta(seconds=60), position=9,
    )  # fmt: skip
    for _ in range(2):
        worker.vote(Assignment.objects.get(task=gold).pk)
    here = f"/api/v1/enrolments/{enrolment.pk}/"
    assert operator_api.post(f"{here}block", {"reason": "too fast"}).status_code == 200
    worker.vote(third["id"])
    operator_api.post(f"{here}unblock", {})
    fourth = worker.next()
    operator_api.post(f"/api/v1/campaigns/{campaign.pk}/close", {})
    worker.vote(fourth["id"])
    campaign.refresh_from_db()
    return campaign


def test_every_vote_is_exported_with_its_reason(played: Campaign, operator_api: APIClient) -> None:
    found = votes(operator_api, played)
    assert [row["vote"] for row in found] == list(Vote.objects.order_by("pk").values_list("pk", flat=True))
    assert [row["not_counted"] for row in found] == [
        "practice",
        None,
        "repeated",
        "undone",
        "undo",
        None,
        "skipped",
        "practice",
        "gold",
        "repeated",
        "blocked",
        "closed",
    ]
    assert [row["counted"] for row in found] == [row["not_counted"] is None for row in found]
    undone, undo = found[3], found[4]
    assert (undone["undone"], undone["undone_at"]) == (True, undo["answered_at"])
    assert undo["undoes"] == undone["vote"]
    assert [row["skipped"] for row in found].count(True) == 1
    assert (found[0]["right"], found[7]["right"], found[1]["right"]) == (True, False, None)
    assert found[8]["gold_answer"] == "b"


def test_reasons_of_workers_who_failed_and_of_settled_tasks(operator_api: APIClient) -> None:
    campaign = make_campaign(2, votes_per_task=1)
    late, quick = HttpWorker(campaign), HttpWorker(campaign)
    held = late.next()
    Assignment.objects.filter(pk=held["id"]).update(status="expired")
    Task.objects.filter(pk=Assignment.objects.get(pk=held["id"]).task_id).update(n_leased=0)
    quick.vote(quick.next()["id"])
    late.vote(held["id"])
    failed = HttpWorker(campaign)
    mine = failed.next()
    Enrolment.objects.filter(pk=failed.enrolment["id"]).update(qualified=False)
    failed.vote(mine["id"])
    assert [row["not_counted"] for row in votes(operator_api, campaign)] == [None, "settled", "unqualified"]
    operator_api.post(f"/api/v1/enrolments/{failed.enrolment['id']}/unblock", {})
    found = votes(operator_api, campaign)
    assert [row["not_counted"] for row in found] == [None, "settled", "unqualified"]
    assert found[1]["late"]


def test_a_row_says_what_was_shown_and_chosen(operator_api: APIClient) -> None:
    campaign = make_campaign(0, slug="shoes", votes_per_task=2)
    a, b = make_products(2)
    sketch = make_sketch(name="17.png", product=b)
    add_tasks(campaign, [Task(sketch=sketch, candidate_a=a, candidate_b=b, is_random_share=True)])
    worker = HttpWorker(campaign, panel={"provider": "PROLIFIC", "worker": "secret-participant"})
    card = worker.next()
    worker.vote(card["id"], "right", response_ms=900, device_class="phone")
    (row,) = votes(operator_api, campaign)
    left_is_a = Assignment.objects.get().left_is_a
    chosen = b if left_is_a else a
    assert {name: row[name] for name in ("sketch", "sketch_name", "true_match", "a", "b", "chosen", "left")} == {
        "sketch": sketch.key, "sketch_name": "17.png", "true_match": b.sku, "a": a.sku, "b": b.sku,
        "chosen": chosen.sku, "left": "a" if left_is_a else "b",
    }  # fmt: skip
    assert (row["choice"], row["side"], row["origin"]) == ("b" if left_is_a else "a", "right", "person")
    assert (row["client_ms"], row["device"], row["random"], row["campaign"]) == (900, "phone", True, "shoes")
    vote = Vote.objects.get()
    assert row["response_ms"] == vote.measured_ms
    assert datetime.fromisoformat(row["answered_at"]) == vote.created_at.replace(
        microsecond=vote.created_at.microsecond // 1000 * 1000
    )
    assert row["delivered_at"] <= row["answered_at"]


def test_workers_have_a_name_for_the_campaign_and_nothing_else(operator_api: APIClient) -> None:
    campaign, other = make_campaign(3, votes_per_task=2), make_campaign(0)
    worker = HttpWorker(campaign, panel={"provider": "PROLIFIC", "worker": "secret-participant"})
    for _ in range(2):
        worker.vote(worker.next()["id"])
    second = HttpWorker(campaign)
    second.vote(second.next()["id"])
    names = [row["worker"] for row in votes(operator_api, campaign)]
    assert names[0] == names[1] != names[2]
    Worker.objects.filter(panel_id="secret-participant").update(panel="", panel_id="")  # as erasure does
    assert [row["worker"] for row in votes(operator_api, campaign)] == names
    one = Worker.objects.filter(votes__isnull=False).order_by("pk")[0]
    assert pseudonym(other.pk, one.pk) != pseudonym(campaign.pk, one.pk) == names[0]
    for what in ("votes", "codebook", "datasheet"):
        assert b"secret-participant" not in exported(operator_api, campaign, what)


def test_the_three_formats_hold_the_same(played: Campaign, operator_api: APIClient) -> None:
    lines = votes(operator_api, played)
    names = [column.name for column in vote_columns(played)]
    assert list(lines[0]) == names
    table = pq.read_table(io.BytesIO(exported(operator_api, played, type="parquet")))
    assert table.column_names == names
    assert table.schema.field("response_ms").metadata[b"unit"] == b"milliseconds"
    text = list(csv.DictReader(io.StringIO(exported(operator_api, played, type="csv").decode())))
    assert len(table) == len(text) == len(lines) == Vote.objects.count()
    times = {column.name for column in vote_columns(played) if column.type == "time"}
    structured = {column.name for column in vote_columns(played) if column.type == "json"}
    for one, row, words in zip(lines, table.to_pylist(), text, strict=True):
        for name in names:
            value = one[name]
            if name in times:
                assert row[name] == (datetime.fromisoformat(value) if value else None)
            elif name in structured:
                assert (json.loads(row[name]) if row[name] else None) == value
            else:
                assert row[name] == value
            expected = "" if value is None else str(value).lower() if isinstance(value, bool) else value
            assert words[name] == (json.dumps(value) if name in structured and value else str(expected))


def test_batches_do_not_change_the_result(
    played: Campaign, operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {type: exported(operator_api, played, type=type) for type in ("csv", "jsonl")}
    monkeypatch.setattr(vote_rows.vote_batches, "__kwdefaults__", {"fields": (), "size": 2})
    for type, data in whole.items():
        assert exported(operator_api, played, type=type) == data
    table = pq.ParquetFile(io.BytesIO(exported(operator_api, played, type="parquet")))
    assert table.num_row_groups == (Vote.objects.count() + 1) // 2
    assert table.read().num_rows == Vote.objects.count()


def test_attribute_votes_have_a_column_for_each_attribute(operator_api: APIClient) -> None:
    campaign = make_campaign(
        0, kind="attributes", settings={"ontology": ONTOLOGY}, status="open", votes_per_task=1
    )
    (product,), sketch = make_products(1), make_sketch()
    add_tasks(campaign, [Task(product=product), Task(sketch=sketch)])
    worker = HttpWorker(campaign)
    first, second = worker.next(prefetch=2)["assignments"]
    worker.on(first["id"], "attributes", values={"arms": True, "wheels": None}, idempotency_key=key()).json()
    worker.on(second["id"], "attributes", skip=True, idempotency_key=key())
    described, skipped = votes(operator_api, campaign)
    assert (described["product"], described["sketch"]) == (product.sku, None)
    assert (described["attribute_arms"], described["attribute_wheels"]) == ("yes", "cant_tell")
    assert described["values"] == {"arms": True, "wheels": None}
    assert (skipped["sketch"], skipped["attribute_arms"], skipped["not_counted"]) == (
        sketch.key,
        None,
        "skipped",
    )
    book = exported(operator_api, campaign, "codebook").decode()
    assert "| `attribute_arms` | text |  | Has arms: `yes`: has it;" in book


def test_the_codebook_describes_exactly_the_columns(played: Campaign, operator_api: APIClient) -> None:
    names = [column.name for column in vote_columns(played)]
    listed = json.loads(exported(operator_api, played, "codebook", type="json"))
    assert [one["column"] for one in listed] == names
    assert next(one for one in listed if one["column"] == "not_counted")["values"] == NOT_COUNTED
    rows = list(csv.DictReader(io.StringIO(exported(operator_api, played, "codebook", type="csv").decode())))
    assert list(dict.fromkeys(row["column"] for row in rows)) == names
    assert {row["value"] for row in rows if row["column"] == "choice" and row["value"]} == {
        "a", "b", "cant_tell", "skip", "undo",
    }  # fmt: skip
    coded = {one["column"]: one["values"] for one in listed if one["values"]}
    for row in votes(operator_api, played):
        for name, values in coded.items():
            assert row[name] is None or row[name] in values, name


def test_the_data_sheet_states_the_facts(played: Campaign, operator_api: APIClient) -> None:
    Campaign.objects.filter(pk=played.pk).update(
        settings={"reward": 1.5, "currency": "EUR", "licence": "CC BY 4.0"},
        instructions="Choose\nthe closer one.",
    )
    text = exported(operator_api, played, "datasheet").decode()
    assert "Instructions: Choose the closer one." in text
    counted = Vote.objects.filter(counted=True).count()
    answers = Vote.objects.exclude(choice__in=["skip", "cant", "undo"]).count()
    assert f"{answers} answers, of which {counted} count; 1 skips, 1 undone." in text
    assert "1.5 EUR for finishing." in text
    assert "Licence: CC BY 4.0." in text
    assert "Krippendorff's alpha undefined" in text


def test_one_zip_holds_the_whole_study(played: Campaign, operator_api: APIClient) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(operator_api, played, "study", type="parquet")))
    assert archive.testzip() is None
    assert archive.namelist() == ["datasheet.md", "codebook.md", "codebook.csv", "votes.parquet"]
    assert pq.read_table(io.BytesIO(archive.read("votes.parquet"))).num_rows == Vote.objects.count()
    for name, what, query in (
        ("datasheet.md", "datasheet", {}),
        ("codebook.md", "codebook", {}),
        ("codebook.csv", "codebook", {"type": "csv"}),
    ):
        assert archive.read(name) == exported(operator_api, played, what, **query)


def test_a_wrong_format_is_named_and_nothing_is_an_empty_table(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    refused = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/export/votes?type=xlsx")
    assert (refused.status_code, refused.json()["field"]) == (400, "type")
    assert operator_api.get(f"/api/v1/campaigns/{campaign.pk}/export/drawings").status_code == 409
    assert votes(operator_api, campaign) == []
    assert exported(operator_api, campaign, type="csv").decode().startswith("vote,campaign,task,worker,")
