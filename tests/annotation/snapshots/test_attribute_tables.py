"""Attribute answers are frozen like votes: the same answers give the same id, exports, and candidates chosen by them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pyarrow.parquet as pq
import pytest
from rest_framework.test import APIClient

from annotation.models import AttributeTable, Campaign, CandidateSet, Sketch, Task
from annotation.selectors.attribute_tables import table_folder
from annotation.snapshots.attributes.export import COLUMNS
from annotation.snapshots.attributes.freeze import attributes_freeze
from tests.factories import ProductFactory
from tests.support.crowd import HttpWorker, add_tasks, key, make_campaign, make_sketch
from webapp.catalog.models import Product

pytestmark = pytest.mark.django_db
ONTOLOGY = [{"slug": "arms", "en": "Has arms", "de": "Mit Lehnen"}, {"slug": "wheels", "en": "On wheels"}]


class Study:
    """Three workers describe three products and a sketch; the last product gets two answers of three."""

    def __init__(self) -> None:
        self.campaign: Campaign = make_campaign(
            0, kind="attributes", settings={"ontology": ONTOLOGY}, votes_per_task=3
        )
        self.products: list[Product] = ProductFactory.create_batch(3)
        self.sketch: Sketch = make_sketch()
        add_tasks(
            self.campaign,
            [Task(product=self.products[0]), Task(product=self.products[1]), Task(sketch=self.sketch),
             Task(product=self.products[2])],
        )  # fmt: skip
        for number in range(3):
            worker = HttpWorker(self.campaign)
            for place in range(4 if number < 2 else 3):
                self._describe(worker, number, place)

    def _describe(self, worker: HttpWorker, number: int, place: int) -> None:
        card = worker.next()
        arms = place in (1, 2) or (place == 0 and number == 0)  # product 0: one yes of three
        values = {"arms": arms, "wheels": None if number == 2 else place != 1}
        answer = worker.on(card["id"], "attributes", values=values, idempotency_key=key())
        assert answer.status_code == 200, answer.json()

    def lines(self, table: AttributeTable, name: str = "attributes.jsonl") -> list[dict[str, Any]]:
        return [json.loads(line) for line in (table_folder(table) / name).read_text().splitlines()]


@pytest.fixture
def study() -> Study:
    return Study()


def test_the_frozen_rows_are_the_majority_of_settled_subjects(study: Study) -> None:
    table = attributes_freeze(campaign=study.campaign)
    skus = [product.sku for product in study.products]
    found = {
        (row["product"] or row["sketch"], row["attribute"]): (row["outcome"], row["yes"], row["no"])
        for row in study.lines(table)
    }
    assert found == {
        (skus[0], "arms"): ("no", 1, 2), (skus[0], "wheels"): ("yes", 2, 0),
        (skus[1], "arms"): ("yes", 3, 0), (skus[1], "wheels"): ("no", 0, 2),
        (study.sketch.key, "arms"): ("yes", 3, 0), (study.sketch.key, "wheels"): ("yes", 2, 0),
    }  # fmt: skip
    assert table.facts["counts"] == {"products": 2, "sketches": 1, "rows": 6, "votes": 11, "unsettled": 1}
    votes = study.lines(table, "votes.jsonl")
    assert {vote["worker"] for vote in votes} == {"w1", "w2", "w3"}
    assert votes[0]["values"] == {"arms": True, "wheels": True}


def test_unsettled_subjects_can_be_included_flagged(study: Study) -> None:
    table = attributes_freeze(campaign=study.campaign, unsettled="flagged")
    flagged = [row for row in study.lines(table) if not row["settled"]]
    assert {row["product"] for row in flagged} == {study.products[2].sku}
    assert len(study.lines(table)) == 8


def test_equal_answers_give_the_same_table_and_more_another(study: Study) -> None:
    first = attributes_freeze(campaign=study.campaign)
    assert attributes_freeze(campaign=study.campaign) == first
    manifest = (table_folder(first) / "manifest.json").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == first.sha256
    for name, sha256 in json.loads(manifest)["files"].items():
        assert hashlib.sha256((table_folder(first) / name).read_bytes()).hexdigest() == sha256
    assert attributes_freeze(campaign=study.campaign, aggregation="dawid-skene").sha256 != first.sha256
    study._describe(HttpWorker(study.campaign), 2, 3)
    assert attributes_freeze(campaign=study.campaign).sha256 != first.sha256


def test_operators_freeze_list_and_export(study: Study, operator_api: APIClient) -> None:
    here = f"/api/v1/campaigns/{study.campaign.pk}"
    agreement = operator_api.get(f"{here}/attributes/").json()
    assert [(row["slug"], row["name"], row["n_yes"], row["n_no"]) for row in agreement] == [
        ("arms", "Has arms", 2, 2), ("wheels", "On wheels", 3, 1),
    ]  # fmt: skip
    assert 0 < agreement[0]["alpha"] < agreement[1]["alpha"] == 1
    made = operator_api.post(f"{here}/attribute-tables/", {"aggregation": "dawid-skene", "name": "First"})
    assert made.status_code == 201
    table = made.json()
    assert (table["name"], table["campaign"]) == ("First", study.campaign.title)
    assert operator_api.get(f"{here}/attribute-tables/").json() == [table]
    assert operator_api.get("/api/v1/attribute-tables/").json() == [table]

    def exported(type: str) -> bytes:
        answer: Any = operator_api.get(f"/api/v1/attribute-tables/{table['id']}/export?type={type}")
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    lines = [json.loads(line) for line in exported("jsonl").splitlines()]
    assert lines == study.lines(AttributeTable.objects.get())
    assert pq.read_table(io.BytesIO(exported("parquet"))).to_pylist() == lines
    text = list(csv.DictReader(io.StringIO(exported("csv").decode())))
    assert list(text[0]) == [column.name for column in COLUMNS]
    assert [float(row["probability"]) for row in text] == [line["probability"] for line in lines]
    assert zipfile.ZipFile(io.BytesIO(exported("zip"))).testzip() is None
    assert exported("zip") == exported("zip")


def test_what_cannot_be_frozen_is_refused(operator_api: APIClient) -> None:
    triplets = make_campaign(1)
    assert operator_api.post(f"/api/v1/campaigns/{triplets.pk}/attribute-tables/", {}).status_code == 409
    empty = make_campaign(0, kind="attributes", settings={"ontology": ONTOLOGY})
    refused = operator_api.post(f"/api/v1/campaigns/{empty.pk}/attribute-tables/", {})
    assert (refused.status_code, "answers" in refused.json()["detail"]) == (409, True)


def test_candidates_follow_the_table_that_the_request_or_the_settings_name(
    study: Study, operator_api: APIClient
) -> None:
    table = attributes_freeze(campaign=study.campaign)
    asked = {
        "sketches": [study.sketch.pk], "n_candidates": 2, "weights": {"attributes": 1, "feature": 0},
        "force_true_match": False,
    }  # fmt: skip
    for number, (settings, given) in enumerate(
        (({}, {"attributes_from": table.pk}), ({"attributes_from": table.pk}, {}))
    ):
        campaign = make_campaign(0, status="draft", slug=f"judged-{number}", settings=settings)
        body = {"candidates": {**asked, **given}}
        made = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", body)
        assert made.json() == {"made": 1, "known": 0}
        found = CandidateSet.objects.get(campaign=campaign)
        # The sketch has arms and wheels. Nobody settled product 2; 0 and 1 lack one of the two.
        assert found.products == [study.products[2].pk, study.products[0].pk]
        assert found.weights["attributes_from"] == table.sha256
        campaign.refresh_from_db()
        assert campaign.settings["choice"]["attributes_from"] == table.sha256
    other = make_campaign(0, status="draft", settings={"attributes_from": table.pk})
    none = {"candidates": {**asked, "attributes_from": 0, "weights": {"attributes": 1, "feature": 1}}}
    assert operator_api.post(f"/api/v1/campaigns/{other.pk}/tasks/", none).status_code == 201
    assert "attributes_from" not in CandidateSet.objects.get(campaign=other).weights


@pytest.mark.parametrize("wrong", ["missing", "others", "no features"])
def test_a_table_that_does_not_help_is_named(study: Study, operator_api: APIClient, wrong: str) -> None:
    table = attributes_freeze(campaign=study.campaign)
    campaign = make_campaign(0, status="draft")
    body: dict[str, Any] = {"attributes_from": table.pk, "sketches": [study.sketch.pk]}
    if wrong == "missing":
        body["attributes_from"] = 999
    elif wrong == "others":
        body["sketches"] = [make_sketch().pk]
    else:
        body |= {"attributes_from": None, "weights": {"attributes": 1, "feature": 0}}
    refused = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", {"candidates": body})
    assert (refused.status_code, refused.json()["field"]) == (400, "candidates.attributes_from")
    assert not CandidateSet.objects.filter(campaign=campaign).exists()
