"""Attribute tasks, and sketches drawn from memory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import BadSignature
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Assignment, Campaign, Sketch, Task, Vote
from annotation.services.work.exposures import exposure_verified
from tests.support.crowd import STROKES, HttpWorker, add_tasks, key, make_campaign, make_products, make_sketch

pytestmark = pytest.mark.django_db
ONTOLOGY = [{"slug": "arms", "en": "Has arms", "de": "Mit Lehnen"}, {"slug": "wheels", "en": "On wheels"}]


class Clock:
    """The clock of exposures, which can be moved ahead of real time."""

    ahead = timedelta()

    def wait(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`clock.wait(seconds)`."""
    clock, real = Clock(), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + clock.ahead)
    return clock


def attributes_campaign(**fields: Any) -> Campaign:
    campaign = make_campaign(0, kind="attributes", settings={"ontology": ONTOLOGY}, status="open", **fields)
    add_tasks(campaign, [Task(product=make_products(1)[0]), Task(sketch=make_sketch())])
    return campaign


def test_attributes_of_a_photo_and_of_a_sketch() -> None:
    worker = HttpWorker(attributes_campaign(votes_per_task=1))
    photo, sketch = worker.next(prefetch=2)["assignments"]
    assert (photo["product"]["photo_url"], photo["sketch_url"]) == ("", None)
    assert sketch["sketch_url"]
    values = {"arms": True, "wheels": None}
    answer = worker.on(photo["id"], "attributes", values=values, idempotency_key=key())
    assert answer.status_code == 200
    vote = Vote.objects.get()
    assert (vote.choice, vote.values, vote.slot) == ("values", values, 1)
    assert Task.objects.get(pk=vote.task_id).status == "decided"
    worker.on(sketch["id"], "attributes", skip=True, idempotency_key=key())
    assert Vote.objects.get(choice="skip").values is None


@pytest.mark.parametrize(
    ("values", "field"), [({"arms": True}, "wheels"), ({"arms": 1, "wheels": 0, "x": True}, "x")]
)
def test_values_must_be_given_for_exactly_the_campaigns_attributes(values: Any, field: str) -> None:
    worker = HttpWorker(attributes_campaign())
    refused = worker.on(worker.next()["id"], "attributes", values=values, idempotency_key=key())
    assert refused.status_code == 400
    assert refused.json()["field"] == f"values.{field}"


def test_attribute_training_compares_only_known_values() -> None:
    campaign = attributes_campaign()
    add_tasks(campaign, [Task(product=make_products(1)[0], is_training=True, gold_answer={"arms": True})])
    worker = HttpWorker(campaign)
    card = worker.next()
    values = {"arms": True, "wheels": False}
    answer = worker.on(card["id"], "attributes", values=values, idempotency_key=key()).json()
    assert answer["feedback"]["right"] is True
    assert not Vote.objects.get().counted


def sketches_campaign() -> Campaign:
    campaign = make_campaign(0, kind="sketches", status="open", votes_per_task=1)
    add_tasks(campaign, [Task(product=make_products(1)[0])])
    return campaign


def test_a_sketch_from_memory(clock: Clock) -> None:
    worker = HttpWorker(sketches_campaign())
    card = worker.next()
    assert "photo_url" not in card["product"]  # the photo is shown only during the exposure
    draw = {"sketch": STROKES, "idempotency_key": key()}
    assert worker.on(card["id"], "sketch", **draw).status_code == 409
    assert worker.on(card["id"], "exposure/end").status_code == 409
    started = worker.on(card["id"], "exposure/start").json()
    assert (started["exposure_s"], "photo_url" in started) == (15, True)
    clock.wait(10)
    assert worker.on(card["id"], "exposure/end").status_code == 409
    clock.wait(5)
    ended = worker.on(card["id"], "exposure/end").json()
    times = exposure_verified(ended["signed"])
    assert times["started_at"] < times["ended_at"]
    with pytest.raises(BadSignature):
        exposure_verified(ended["signed"].replace(":", "x:", 1))
    answer = worker.on(card["id"], "sketch", **draw).json()
    assert Vote.objects.get().counted
    assert worker.on(card["id"], "sketch", **draw).json()["receipt"] == answer["receipt"]
    sketch = Sketch.objects.get()
    assert (sketch.source, sketch.product_id) == ("collected", Task.objects.get().product_id)
    assert sketch.exposure
    assert sketch.strokes
    assert sketch.exposure["signed"] == ended["signed"]
    assert sketch.strokes["strokes"][0][1] == pytest.approx([90, 90, 40, 0.5])
    assert Vote.objects.get().sketch == sketch


def shown(ms: int) -> dict[str, Any]:
    """Return what a browser states, whose clock is an hour late."""
    return {"started_at": "2026-01-01T11:00:00Z", "ended_at": "2026-01-01T11:00:15Z", "ms": ms}


@pytest.mark.parametrize(
    ("loading_s", "ms", "differs"),
    [(0.3, 15_000, False), (8, 15_000, True), (0, 6_000, True), (0, None, None)],
    ids=["as delivered", "slow to load", "in a hidden tab", "not stated"],
)
def test_the_signed_exposure_covers_what_was_shown(
    clock: Clock, loading_s: float, ms: int | None, differs: bool | None
) -> None:
    worker = HttpWorker(sketches_campaign())
    card = worker.next()
    worker.on(card["id"], "exposure/start")
    clock.wait(15 + loading_s)
    ended = worker.on(card["id"], "exposure/end", **({} if ms is None else {"shown": shown(ms)})).json()
    assert ended["delivered_ms"] == pytest.approx(1000 * (15 + loading_s), abs=500)
    assert (ended["shown_ms"], ended["differs"]) == (ms, differs)
    worker.on(card["id"], "sketch", sketch=STROKES, idempotency_key=key())
    signed = exposure_verified(Sketch.objects.get().exposure["signed"])  # type: ignore[index]
    assert (signed["shown_ms"], signed["differs"]) == (ms, differs)
    assignment = Assignment.objects.get()
    assert (assignment.shown_ms, assignment.exposure_differs) == (ms, differs)
    assert assignment.delivered_ms == ended["delivered_ms"]
    assert (assignment.shown_started_at is None) == (ms is None)


def test_another_look_forgets_the_times_of_the_first(clock: Clock) -> None:
    worker = HttpWorker(sketches_campaign())
    card = worker.next()
    worker.on(card["id"], "exposure/start")
    clock.wait(15)
    worker.on(card["id"], "exposure/end", shown=shown(15_000))
    worker.on(card["id"], "exposure/start")
    assignment = Assignment.objects.get()
    assert (assignment.n_exposures, assignment.shown_ms, assignment.delivered_ms) == (2, None, None)


def test_impossible_times_are_refused_by_field(clock: Clock) -> None:
    worker = HttpWorker(sketches_campaign())
    card = worker.next()
    worker.on(card["id"], "exposure/start")
    clock.wait(15)
    backwards = {**shown(15_000), "ended_at": "2026-01-01T10:00:00Z"}
    refused = worker.on(card["id"], "exposure/end", shown=backwards)
    assert (refused.status_code, refused.json()["field"]) == (400, "shown.ended_at")
    assert worker.on(card["id"], "exposure/end", shown=shown(-1)).json()["field"] == "shown.ms"


def test_repeating_the_exposure_and_giving_up(clock: Clock) -> None:
    worker = HttpWorker(sketches_campaign())
    card = worker.next()
    for _ in range(2):
        worker.on(card["id"], "exposure/start")
        clock.wait(16)
        worker.on(card["id"], "exposure/end")
    worker.on(card["id"], "exposure/start")  # a third exposure: the sketch must wait for its end
    assert worker.on(card["id"], "sketch", sketch=STROKES, idempotency_key=key()).status_code == 409
    worker.on(card["id"], "sketch", cant=True, idempotency_key=key())
    assert (Vote.objects.get().choice, Vote.objects.get().counted) == ("cant", False)
    assert HttpWorker(worker.campaign).next() is not None  # another worker may try


def test_an_invalid_sketch_is_refused_by_coordinate(clock: Clock) -> None:
    worker = HttpWorker(sketches_campaign())
    card = worker.next()
    worker.on(card["id"], "exposure/start")
    clock.wait(16)
    worker.on(card["id"], "exposure/end")
    bad = {**STROKES, "strokes": [[[10, "x"]]]}
    refused = worker.on(card["id"], "sketch", sketch=bad, idempotency_key=key())
    assert refused.status_code == 400
    assert refused.json()["field"].startswith("sketch.strokes[0]")
    assert not Sketch.objects.exists()


def test_a_visitors_sketch_is_stored_only_with_consent(api: APIClient, operator_api: APIClient) -> None:
    refused = api.post("/api/v1/sketches/", {"sketch": STROKES, "consent": False})
    assert refused.json()["field"] == "consent"
    made = api.post("/api/v1/sketches/", {"sketch": STROKES, "consent": True})
    assert made.status_code == 201
    picture = api.get(made.json()["url"])
    assert picture["Content-Type"] == "image/svg+xml"
    assert b'd="M10.0,10.0L90.0,90.0"' in picture.content
    assert "immutable" in picture["Cache-Control"]
    listed = operator_api.get("/api/v1/sketches/?source=visitor").json()["results"]
    assert [row["key"] for row in listed] == [made.json()["key"]]
    assert Sketch.objects.get().consented_at
