"""Own triplets by own ids, and which sketches and photos a campaign uses."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from rest_framework.test import APIClient

from annotation.models import AttributeTable, Campaign, Sketch, StudyPhoto, StudySet, Task
from annotation.snapshots.attributes.export import attributes_export
from annotation.snapshots.attributes.freeze import attributes_freeze
from tests.factories import CategoryFactory, ProductFactory, picture
from tests.support.crowd import HttpWorker, key, make_campaign, make_sketch
from tests.support.material import SVG, imported, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def own() -> StudySet:
    """A set with the sketches s1 and s2 and the photos p1, p2 and p3."""
    sketches = imported(zipped("id,file\ns1,a.svg\ns2,a.svg\n", {"a.svg": SVG}))
    rows = "".join(f"p{n},{n}.png\n" for n in (1, 2, 3))
    photos = zipped(f"id,file\n{rows}", {f"{n}.png": picture(n) for n in (1, 2, 3)})
    assert imported(photos, "photos", study_set=sketches.study_set).status == "done"
    return sketches.study_set


def send(api: APIClient, campaign: Campaign, data: str, own: StudySet | None, name: str = "t.csv") -> Any:
    body: dict[str, Any] = {"file": ContentFile(data.encode(), name), "shuffle": False}
    if own:
        body["study_set"] = own.pk
    return api.post(f"/api/v1/campaigns/{campaign.pk}/triplets/", body, format="multipart")


def products_of(own: StudySet) -> dict[str, int]:
    return dict(StudyPhoto.objects.filter(study_set=own).values_list("own_id", "product_id"))


def test_triplets_with_gold_and_practice_by_own_ids(operator_api: APIClient, own: StudySet) -> None:
    campaign = make_campaign(0, status="draft", votes_per_task=5)
    data = (
        "sketch,a,b,gold,explanation\n"
        "s1,p1,p2,,\n"
        "s1,p3,p1,a,\n"  # p3 is b once the lower id comes first
        "s2,p2,p3,p3,Look at the heel\n"
    )
    sent = send(operator_api, campaign, data, own)
    assert (sent.status_code, sent.json()) == (201, {"made": 3, "known": 0})
    ids = products_of(own)
    plain, gold, practice = Task.objects.order_by("position")
    assert (plain.candidate_a_id, plain.candidate_b_id, plain.n_votes) == (ids["p1"], ids["p2"], 5)
    assert (gold.is_gold, gold.gold_answer, gold.candidate_b_id) == (True, "b", ids["p3"])
    assert (practice.is_training, practice.gold_answer) == (True, "b")
    assert practice.explanation == "Look at the heel"
    again = send(operator_api, campaign, data + "s2,p1,p2,,\n", own)
    assert again.json() == {"made": 1, "known": 3}  # in whatever role


def test_jsonl_with_the_shops_skus_and_sketch_keys(operator_api: APIClient) -> None:
    sketch = make_sketch()
    ProductFactory(sku="shoe-1", photo=None), ProductFactory(sku="shoe-2", photo=None)
    row = json.dumps({"sketch": sketch.key, "a": "shoe-2", "b": "shoe-1", "gold": "cant_tell"})
    campaign = make_campaign(0, status="draft")
    sent = send(operator_api, campaign, row, None, "t.jsonl")
    assert sent.json() == {"made": 1, "known": 0}
    assert Task.objects.get().gold_answer == "cant_tell"


def test_one_wrong_row_adds_nothing_and_every_wrong_row_is_named(
    operator_api: APIClient, own: StudySet
) -> None:
    campaign = make_campaign(0, status="draft")
    data = (
        "sketch,a,b,gold,explanation\n"
        "s1,p1,p2,,\n"
        "s9,p1,p2,,\n"
        "s1,p1,nowhere,,\n"
        "s1,p1,p1,,\n"
        "s1,p2,p1,,\n"
        "s2,p1,p2,p3,\n"
        "s2,p1,p3,,Because\n"
        "s2,,p3,,\n"
    )
    refused = send(operator_api, campaign, data, own)
    assert refused.status_code == 400
    errors = {one["field"]: one["message"] for one in refused.json()["errors"]}
    assert set(errors) == {
        "row 2, sketch",
        "row 3, b",
        "row 4, b",
        "row 5",
        "row 6, gold",
        "row 7, gold",
        "row 8, a",
    }
    assert "s9" in errors["row 2, sketch"]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("data", "name", "field"),
    [
        ("sketch,a\ns1,p1\n", "t.csv", "b"),
        ("sketch,a,b,golden\ns1,p1,p2,a\n", "t.csv", "golden"),
        ("sketch,a,b\n", "t.csv", "file"),
        ("x", "t.xlsx", "file"),
    ],
)
def test_an_unusable_file_is_refused_by_column(
    operator_api: APIClient, own: StudySet, data: str, name: str, field: str
) -> None:
    refused = send(operator_api, make_campaign(0, status="draft"), data, own, name)
    assert (refused.status_code, refused.json()["field"]) == (400, field)


def test_workers_judge_private_photos_that_the_shop_does_not_have(
    operator_api: APIClient, own: StudySet
) -> None:
    campaign = make_campaign(0, status="draft")
    send(operator_api, campaign, "sketch,a,b\ns1,p1,p2\n", own)
    assert operator_api.post(f"/api/v1/campaigns/{campaign.pk}/open", {}).status_code == 200
    worker = HttpWorker(campaign)
    card = worker.next()
    assert {card["left"]["name"], card["right"]["name"]} == {""}  # own ids are the researcher's
    assert card["left"]["photo_url"].endswith(".webp")
    assert not {"p1", "p2"} & set(re.split(r"[/.-]", card["left"]["photo_url"] + card["right"]["photo_url"]))
    worker.vote(card["id"])


def test_the_sketches_of_a_set_and_a_sets_photos_become_candidates(
    operator_api: APIClient, own: StudySet
) -> None:
    make_sketch()
    campaign = make_campaign(0, status="draft")
    here = f"/api/v1/campaigns/{campaign.pk}/tasks/"
    body = {"candidates": {"study_set": own.pk, "photos_of": own.pk, "n_candidates": 3}}
    assert operator_api.post(here, body).json() == {"made": 6, "known": 0}  # 2 sketches, 3 pairs each
    assert set(Task.objects.values_list("sketch__own_id", flat=True)) == {"s1", "s2"}


def test_sketches_are_chosen_by_own_id_and_by_category_of_what_they_show(operator_api: APIClient) -> None:
    chairs, shoes = CategoryFactory(slug="chairs"), CategoryFactory(slug="shoes")
    chair, _ = (ProductFactory(category=chairs, photo__seed=n) for n in range(2))
    shoe = ProductFactory(category=shoes, photo__seed=3)
    wanted, other = make_sketch(product=chair, own_id="x"), make_sketch(product=shoe)
    for choice in ({"sketch_category": "chairs"}, {"own_ids": ["x"]}, {"sketches": [wanted.pk]}):
        campaign = make_campaign(0, status="draft")
        body = {"candidates": {"category": "chairs", **choice}}
        made = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", body)
        assert made.json() == {"made": 1, "known": 0}, made.json()
        assert campaign.tasks.get().sketch == wanted
    assert Sketch.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"study_set": 10**6}, "candidates.study_set"),
        ({"sketch_category": "nowhere"}, "candidates.sketch_category"),
        ({"own_ids": ["nobody"]}, "candidates.sketches"),
        ({"photos_of": 10**6}, "candidates.photos_of"),
    ],
)
def test_a_choice_that_fits_nothing_is_named(operator_api: APIClient, choice: Any, field: str) -> None:
    ProductFactory(), ProductFactory()
    campaign = make_campaign(0, status="draft")
    refused = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", {"candidates": choice})
    assert (refused.status_code, refused.json()["field"]) == (400, field)


def test_a_sets_photos_become_tasks_of_other_kinds(operator_api: APIClient, own: StudySet) -> None:
    ProductFactory()
    campaign = make_campaign(0, kind="sketches", status="draft")
    body = {"shelf": {"photos_of": own.pk}}
    assert operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", body).json() == {
        "made": 3,
        "known": 0,
    }


def test_a_sets_sketches_are_described_by_attributes(operator_api: APIClient, own: StudySet) -> None:
    body = {"shelf": {"sketches_of": own.pk}}
    described = make_campaign(0, kind="attributes", status="draft")
    here = f"/api/v1/campaigns/{described.pk}/"
    assert operator_api.post(f"{here}estimate/", body).json()["n_planned"] == 2
    assert operator_api.post(f"{here}tasks/", body).json() == {"made": 2, "known": 0}
    assert set(described.tasks.values_list("sketch__own_id", flat=True)) == {"s1", "s2"}
    drawn = make_campaign(0, kind="sketches", status="draft")
    refused = operator_api.post(f"/api/v1/campaigns/{drawn.pk}/tasks/", body)
    assert (refused.status_code, refused.json()["field"]) == (400, "shelf.sketches_of")


def test_own_photos_keep_their_names_in_attribute_tables_and_orders(operator_api: APIClient) -> None:
    rows = "".join(f"p{n},{n}.png\n" for n in range(3))
    photos = imported(
        zipped(f"id,file\n{rows}", {f"{n}.png": picture(n) for n in range(3)}), "photos"
    ).study_set
    ontology = [{"slug": "red", "en": "Red", "de": "Rot"}]
    described = make_campaign(0, kind="attributes", votes_per_task=1, settings={"ontology": ontology})
    tasks = {"shelf": {"photos_of": photos.pk}}
    assert operator_api.post(f"/api/v1/campaigns/{described.pk}/tasks/", tasks).json() == {
        "made": 3,
        "known": 0,
    }
    worker = HttpWorker(described)
    while card := worker.next():
        body = {"values": {"red": True}, "idempotency_key": key()}
        assert worker.on(card["id"], "attributes", **body).status_code == 200
    table = attributes_freeze(campaign=described)
    (name,) = {row["product"].partition("/")[0] for row in map(json.loads, exported_lines(table))}
    assert name == f"_study{photos.pk}"
    assert table.facts["counts"]["products"] == 3

    compared = make_campaign(0, required_answers=1)
    sketch = make_sketch()
    candidates = {"photos_of": photos.pk, "sketches": [sketch.pk], "plan": {"strategy": "adaptive"}}
    made = operator_api.post(f"/api/v1/campaigns/{compared.pk}/tasks/", {"candidates": candidates})
    assert made.status_code == 201, made.json()
    text = operator_api.get(f"/api/v1/campaigns/{compared.pk}/orders/").content.decode()
    assert all(row["product"].startswith(f"_study{photos.pk}/") for row in csv.DictReader(text.splitlines()))


def exported_lines(table: AttributeTable) -> list[bytes]:
    return b"".join(attributes_export(table, "jsonl")[1]).splitlines()
