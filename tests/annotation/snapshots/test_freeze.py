"""Snapshots: readable by `ml`, immutable, the same bytes for the same votes; exports with the same content."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.files.storage import storages
from django.db.models import F
from rest_framework.test import APIClient

from annotation.models import Campaign, Task, Vote, Worker
from annotation.services.tasks.imports import JudgedTriplet
from annotation.snapshots.content import Shares
from annotation.snapshots.export import FORMATS, snapshot_export
from annotation.snapshots.freeze import SnapshotRow, snapshot_freeze
from ml.api import check_dataset
from tests.support.crowd import make_campaign

pytestmark = pytest.mark.both_stores

Judged = tuple[Campaign, list[JudgedTriplet]]
HALVES = Shares(val=0.2, test=0.3)


def folder_of(snapshot: SnapshotRow) -> Path:
    return Path(storages["private"].path(snapshot.folder))


def rows(snapshot: SnapshotRow, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder_of(snapshot) / name).read_text().splitlines()]


def test_ml_reads_what_the_site_froze(judged: Judged) -> None:
    snapshot = snapshot_freeze(campaign=judged[0], shares=HALVES)
    report = check_dataset("snapshot", folder_of(snapshot))
    assert report["ok"], report


def test_triplets_follow_the_majority_and_leave_out_ties(judged: Judged) -> None:
    campaign, triplets = judged
    snapshot = snapshot_freeze(campaign=campaign)
    found = {
        (row["sketch"], frozenset((row["positive"], row["negative"]))): row
        for row in rows(snapshot, "triplets.jsonl")
    }
    skus = {row["key"] for row in rows(snapshot, "products.jsonl")}
    assert len(skus) == 5
    n_ties = 0
    for one in triplets:
        wins = [one.winners.count(product) for product in one.products]
        if wins[0] == wins[1]:
            n_ties += 1
            continue
        names = [campaign_sku(product) for product in one.products]
        row = found.pop((one.sketch.key, frozenset(names)))
        assert row["positive"] == names[0 if wins[0] > wins[1] else 1]
        assert row["votes"] == {"positive": max(wins), "negative": min(wins), "cant_tell": 3 - sum(wins)}
    assert not found
    assert n_ties
    assert snapshot.facts["counts"]["ties"] == n_ties


def campaign_sku(product_id: int) -> str:
    from webapp.catalog.models import Product

    return Product.objects.get(pk=product_id).sku


def test_equal_votes_give_the_same_id_and_the_same_bytes(judged: Judged) -> None:
    campaign, _ = judged
    first = snapshot_freeze(campaign=campaign)
    before = {path: path.read_bytes() for path in folder_of(first).rglob("*") if path.is_file()}
    assert snapshot_freeze(campaign=campaign) == first
    assert {path: path.read_bytes() for path in folder_of(first).rglob("*") if path.is_file()} == before
    assert hashlib.sha256(before[folder_of(first) / "manifest.json"]).hexdigest() == first.sha256
    listed = json.loads(before[folder_of(first) / "manifest.json"])["files"]
    assert {path.relative_to(folder_of(first)).as_posix() for path in before} == {*listed, "manifest.json"}
    for name, sha256 in listed.items():
        assert hashlib.sha256(before[folder_of(first) / name]).hexdigest() == sha256


def test_other_votes_or_another_aggregation_give_another_id(judged: Judged) -> None:
    campaign, _ = judged
    first = snapshot_freeze(campaign=campaign)
    by_strength = snapshot_freeze(campaign=campaign, aggregation="bradley-terry")
    assert by_strength.sha256 != first.sha256
    assert all(0.5 < row["probability"] <= 1 for row in rows(by_strength, "triplets.jsonl"))  # type: ignore[operator]
    revoked = Vote.objects.filter(counted=True).first()
    assert revoked is not None
    Vote.objects.create(
        assignment=revoked.assignment, task=revoked.task, worker=revoked.worker, choice="undo", revokes=revoked,
        idempotency_key="undo-of-one",
    )  # fmt: skip
    Vote.objects.filter(pk=revoked.pk).update(counted=False)
    assert snapshot_freeze(campaign=campaign).sha256 != first.sha256
    assert folder_of(first).is_dir()


def test_every_sketch_is_in_its_products_split(judged: Judged) -> None:
    snapshot = snapshot_freeze(campaign=judged[0], shares=HALVES)
    split = {row["key"]: row["split"] for row in rows(snapshot, "products.jsonl")}
    for sketch in rows(snapshot, "sketches.ndjson"):
        assert sketch["split"] == split[sketch["photo"]]
    of_sketch = {row["key_id"]: row["split"] for row in rows(snapshot, "sketches.ndjson")}
    assert all(row["split"] == of_sketch[row["sketch"]] for row in rows(snapshot, "triplets.jsonl"))


def test_votes_are_included_without_workers_identities(judged: Judged) -> None:
    snapshot = snapshot_freeze(campaign=judged[0])
    votes = rows(snapshot, "votes.jsonl")
    assert len(votes) == Vote.objects.filter(counted=True).count()
    assert {vote["worker"] for vote in votes} == {"w1", "w2", "w3"}
    everything = b"".join(path.read_bytes() for path in folder_of(snapshot).glob("*.*"))
    for worker in Worker.objects.all():
        assert worker.key.encode() not in everything
        assert worker.panel_id.encode() not in everything


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_is_the_same_every_time(judged: Judged, format: str) -> None:
    snapshot = snapshot_freeze(campaign=judged[0])
    first = snapshot_export(sha256=snapshot.sha256, folder=snapshot.folder, format=format)  # type: ignore[arg-type]
    assert first == snapshot_export(sha256=snapshot.sha256, folder=snapshot.folder, format=format)  # type: ignore[arg-type]
    assert first.name == f"snapshot-{snapshot.sha256[:12]}.{format}"


def test_all_formats_hold_the_same_triplets(judged: Judged) -> None:
    snapshot = snapshot_freeze(campaign=judged[0], aggregation="dawid-skene")
    frozen = {"sha256": snapshot.sha256, "folder": snapshot.folder}
    exported = {name: snapshot_export(**frozen, format=name).data for name in FORMATS}
    jsonl = [json.loads(line) for line in exported["jsonl"].splitlines()]
    table = pq.read_table(io.BytesIO(exported["parquet"])).to_pylist()
    text = list(csv.DictReader(io.StringIO(exported["csv"].decode())))
    assert len(jsonl) == len(table) == len(text) > 0
    for one, row, words in zip(jsonl, table, text, strict=True):
        assert [row["sketch"], row["positive"], row["negative"]] == [
            one["sketch"],
            one["positive"],
            one["negative"],
        ]
        assert row["votes_positive"] == one["votes"]["positive"] == int(words["votes_positive"])
        assert row["probability"] == one["probability"] == float(words["probability"])
        assert words["random"] == str(row["random"]).lower() == "false"


def test_the_unpacked_zip_is_a_training_set(judged: Judged, tmp_path: Path) -> None:
    snapshot = snapshot_freeze(campaign=judged[0], shares=HALVES)
    archive = tmp_path / "snapshot.zip"
    archive.write_bytes(snapshot_export(sha256=snapshot.sha256, folder=snapshot.folder, format="zip").data)
    assert zipfile.ZipFile(archive).testzip() is None
    assert check_dataset("snapshot", archive)["ok"]


def test_a_campaign_lists_its_own_snapshots_newest_first(judged: Judged, operator_api: APIClient) -> None:
    campaign, _ = judged
    made = [snapshot_freeze(campaign=campaign, aggregation=one) for one in ("majority", "bradley-terry")]
    listed = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/snapshots/").json()
    assert [row["id"] for row in listed] == [row.pk for row in reversed(made)]
    assert listed[0]["facts"]["counts"]["votes"] == Vote.objects.filter(counted=True).count()
    other = make_campaign(1)
    assert operator_api.get(f"/api/v1/campaigns/{other.pk}/snapshots/").json() == []


@pytest.mark.parametrize("kind", ["triplets", "attributes", "sketches"])
def test_a_campaign_with_nothing_to_train_on_is_not_frozen(operator_api: APIClient, kind: str) -> None:
    campaign = make_campaign(1 if kind == "triplets" else 0, kind=kind)
    here = f"/api/v1/campaigns/{campaign.pk}/snapshots/"
    refused = operator_api.post(here, {})
    assert (refused.status_code, refused.json()["field"]) == (400, "campaign")
    german = operator_api.post(here, {}, headers={"accept-language": "de"}).json()["detail"]
    assert german != refused.json()["detail"]
    assert operator_api.get(here).json() == []


def test_triplets_that_all_await_votes_are_named(judged: Judged, operator_api: APIClient) -> None:
    campaign, triplets = judged
    Task.objects.filter(campaign=campaign).update(status="open")
    here = f"/api/v1/campaigns/{campaign.pk}/snapshots/"
    for unsettled in ("left_out", "listed"):
        refused = operator_api.post(here, {"unsettled": unsettled})
        assert (refused.status_code, refused.json()["field"]) == (400, "unsettled")
        assert f"({len(triplets)})" in refused.json()["detail"]
    assert operator_api.post(here, {"unsettled": "flagged"}).status_code == 201


def left_open(campaign: Campaign, n: int) -> None:
    """Undo one vote each on `n` triplets, so that they await another."""
    tasks = Task.objects.filter(campaign=campaign, status="decided", n_a__gt=0).order_by("pk")[:n]
    for task in tasks:
        vote = Vote.objects.filter(task=task, counted=True, choice="a").order_by("pk")[0]
        Vote.objects.create(
            assignment=vote.assignment, task=task, worker=vote.worker, choice="undo", revokes=vote,
            idempotency_key=f"undo-of-{vote.pk}",
        )  # fmt: skip
        Vote.objects.filter(pk=vote.pk).update(counted=False)
        Task.objects.filter(pk=task.pk).update(
            status="open", n_counted=F("n_counted") - 1, n_a=F("n_a") - 1, n_undone=1
        )


def test_unsettled_triplets_are_left_out_and_counted(judged: Judged) -> None:
    campaign, _ = judged
    whole = snapshot_freeze(campaign=campaign)
    assert "unsettled" not in whole.facts["counts"]
    left_open(campaign, 3)
    snapshot = snapshot_freeze(campaign=campaign)
    assert snapshot.facts["counts"]["unsettled"] == 3
    assert snapshot.facts["counts"]["triplets"] == whole.facts["counts"]["triplets"] - 3
    assert snapshot.facts["consensus"]["unsettled"] == "left_out"
    flags = [row.get("settled", True) for row in rows(snapshot, "votes.jsonl")]
    assert flags.count(False) == 6  # two votes on each, from which anyone can merge them again
    assert all(row.get("settled", True) for row in rows(snapshot, "triplets.jsonl"))
    assert check_dataset("snapshot", folder_of(snapshot))["ok"]


def test_unsettled_triplets_can_be_listed_or_flagged(judged: Judged) -> None:
    campaign, _ = judged
    left_open(campaign, 3)
    plain = snapshot_freeze(campaign=campaign)
    listed = snapshot_freeze(campaign=campaign, unsettled="listed")
    (first, *others) = rows(listed, "unsettled.jsonl")
    assert len(others) == 2
    assert sum(first["votes"].values()) == 2  # type: ignore[attr-defined]
    assert rows(listed, "triplets.jsonl") == rows(plain, "triplets.jsonl")
    flagged = snapshot_freeze(campaign=campaign, unsettled="flagged")
    found = rows(flagged, "triplets.jsonl")
    assert 0 < sum(row.get("settled") is False for row in found) <= 3  # of two votes, some are a tie
    assert [row for row in found if row.get("settled", True)] == rows(plain, "triplets.jsonl")
    for snapshot in (listed, flagged):
        assert check_dataset("snapshot", folder_of(snapshot))["ok"]
    exported = snapshot_export(sha256=flagged.sha256, folder=flagged.folder, format="parquet").data
    assert pq.read_table(io.BytesIO(exported)).column("settled").to_pylist() == [
        row.get("settled", True) for row in found
    ]


def test_the_request_says_what_becomes_of_unsettled_triplets(judged: Judged, operator_api: APIClient) -> None:
    campaign, _ = judged
    left_open(campaign, 1)
    here = f"/api/v1/campaigns/{campaign.pk}/snapshots/"
    refused = operator_api.post(here, {"unsettled": "guessed"})
    assert (refused.status_code, refused.json()["field"]) == (400, "unsettled")
    made = operator_api.post(here, {"unsettled": "listed"}).json()
    assert made["facts"]["consensus"]["unsettled"] == "listed"
    assert operator_api.post(here, {}).json()["facts"]["consensus"]["unsettled"] == "left_out"
