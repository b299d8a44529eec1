"""REST API of runs: for operators only, settings validated by name, curves downsampled."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.support.training import CPU, QUICK, run_of
from webapp.registry.models import DatasetSnapshot, RunLogLine, RunMetric, TrainingRun, WorkerBeat
from webapp.registry.runs.supervise import run_next

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs/"
Status = TrainingRun.Status


def requested(snapshot: DatasetSnapshot, /, **changes: Any) -> dict[str, Any]:
    return {"snapshot": snapshot.pk, "system": "triplet-san", "profile": "cpu", "config": QUICK} | changes


def curve(run: TrainingRun, n: int, stage: str = "run", every: int = 10) -> None:
    """Return n rows of a loss, some with a validation."""
    now = timezone.now()
    RunMetric.objects.bulk_create(
        RunMetric(
            run=run,
            stage=stage,
            step=step,
            at=now + timedelta(seconds=step),
            values={"loss": float(step)} | ({"val/score": step / n} if step % every == every - 1 else {}),
            validated=step % every == every - 1,
        )
        for step in range(n)
    )


@pytest.mark.parametrize(
    "path", ["", "1/", "1/metrics/", "1/log/", "options/", "compare/?ids=1", "../queue/"]
)
def test_strangers_have_no_access(path: str, stranger_api: APIClient, api: APIClient) -> None:
    url = RUNS + path if not path.startswith("..") else "/api/v1/queue/"
    assert stranger_api.get(url).status_code == 403
    assert api.get(url).status_code == 401


def test_a_run_is_requested_and_waits(operator_api: APIClient, snapshot: DatasetSnapshot) -> None:
    answer = operator_api.post(RUNS, requested(snapshot, note="first try"))
    assert answer.status_code == 201
    run = answer.json()
    assert (run["status"], run["note"], run["created_by"]) == ("queued", "first try", "operator")
    assert run["snapshot"] == {
        "id": snapshot.pk,
        "name": "hats",
        "format": "qmul-v1",
        "sha256": snapshot.sha256,
    }
    detail = operator_api.get(f"{RUNS}{run['id']}/").json()
    assert detail["config"] == QUICK
    assert detail["full_config"]["steps"] == QUICK["steps"]
    assert detail["full_config"]["optimizer"] == "adamw"
    assert (detail["models"], detail["gate"], detail["stages"], detail["pictures"]) == ([], None, [], [])


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"config": {"steps": "many"}}, "config.steps", "a whole number"),
        ({"config": {"steps": True}}, "config.steps", "a whole number"),
        ({"config": {"learning_rate": None}}, "config.learning_rate", "must not be empty"),
        ({"config": {"optimizer": "lion"}}, "config.optimizer", "adamw, sgd"),
        ({"config": {"stepps": 3}}, "config.stepps", "unknown"),
        ({"config": {"skip": [1, "2"]}}, "config.skip[1]", "a whole number"),
        ({"config": {"pretrain_photos": 4711}}, "config.pretrain_photos", "registered dataset"),
        ({"config": {"pretraining": "/etc"}}, "config.pretraining", "unknown"),
        ({"config": []}, "config", "dictionary"),
        ({"system": "sketchmate"}, "system", "format qmul-v1"),
        ({"profile": "tpu"}, "profile", "cpu, gpu"),
        ({"snapshot": 4711}, "snapshot", "4711"),
        ({"processes": 0}, "processes", "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_named(
    operator_api: APIClient, snapshot: DatasetSnapshot, changes: dict[str, Any], field: str, says: str
) -> None:
    answer = operator_api.post(RUNS, requested(snapshot, **changes))
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert says in answer.json()["detail"]
    assert not TrainingRun.objects.exists()


def test_values_equal_to_the_profile_are_no_change(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    config = {"optimizer": "adamw", "grad_clip_norm": 5, "warmup": 0.1}
    run = operator_api.post(RUNS, requested(snapshot, config=config)).json()
    assert operator_api.get(f"{RUNS}{run['id']}/").json()["config"] == {"warmup": 0.1}


def test_old_names_of_settings_and_of_the_system_still_work(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    """Clients, rules and runs with old names still work, and new runs get today's names."""
    run = operator_api.post(RUNS, requested(snapshot, config={"clip": 3, "average_decay": 0.5})).json()
    assert operator_api.get(f"{RUNS}{run['id']}/").json()["config"] == {"grad_clip_norm": 3, "ema_decay": 0.5}
    stored = run_of(snapshot, config={"average_decay": 0.25})
    answer = operator_api.get(f"{RUNS}compare/", {"ids": f"{run['id']},{stored.pk}"}).json()
    differing = {each["key"]: each["values"] for each in answer["differing"]}
    assert differing["config.ema_decay"] == {str(run["id"]): 0.5, str(stored.pk): 0.25}
    pairs = operator_api.post(RUNS, requested(snapshot, system="sketchfind", profile="cpu", config={})).json()
    assert operator_api.get(f"{RUNS}{pairs['id']}/").json()["system"] == "sketchfind-pairs"


def test_contradictory_settings_fail_the_run_by_name(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    """A real training, which checks them before it starts."""
    run = operator_api.post(RUNS, requested(snapshot, config={"final": True, "patience": 3})).json()
    run_next(worker="w1", devices=CPU)
    ended = operator_api.get(f"{RUNS}{run['id']}/").json()
    assert ended["status"] == "failed"
    assert ended["error"].startswith("patience: contradicts final=true")


def test_the_list_is_paged_and_filtered(operator_api: APIClient, snapshot: DatasetSnapshot) -> None:
    runs = [run_of(snapshot) for _ in range(3)]
    TrainingRun.objects.filter(pk=runs[0].pk).update(status=Status.DONE)
    page = operator_api.get(RUNS, {"page_size": 2}).json()
    assert (page["count"], [run["id"] for run in page["results"]]) == (3, [runs[2].pk, runs[1].pk])
    assert operator_api.get(page["next"]).json()["results"][0]["id"] == runs[0].pk
    done = operator_api.get(RUNS, {"status": "done", "system": "triplet-san"}).json()
    assert [run["id"] for run in done["results"]] == [runs[0].pk]
    assert operator_api.get(RUNS, {"status": "odd"}).status_code == 400


def test_a_waiting_run_is_cancelled_at_once_and_resumed(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    run = run_of(snapshot)
    answer = operator_api.post(f"{RUNS}{run.pk}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert operator_api.post(f"{RUNS}{run.pk}/cancel").status_code == 409
    answer = operator_api.post(f"{RUNS}{run.pk}/resume")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.json()["cancel_requested_at"] is None
    assert operator_api.post(f"{RUNS}{run.pk}/resume").status_code == 409
    assert operator_api.post(f"{RUNS}4711/resume").status_code == 404


def test_curves_are_thinned_but_keep_ends_and_validations(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    run = run_of(snapshot)
    curve(run, 1000, every=50)
    curve(run, 7, stage="2-rank", every=100)
    answer = operator_api.get(f"{RUNS}{run.pk}/metrics/", {"points": 100}).json()
    series = answer["series"]["run"]
    assert 100 <= len(series["step"]) <= 125
    assert (series["step"][0], series["step"][-1]) == (0, 999)
    assert series["step"] == sorted(series["step"])
    scores = [score for score in series["values"]["val/score"] if score is not None]
    assert len(scores) == 20
    assert all(len(column) == len(series["step"]) for column in (series["at"], *series["values"].values()))
    assert series["values"]["loss"] == [float(step) for step in series["step"]]
    assert answer["series"]["2-rank"]["step"] == list(range(7))
    newest = RunMetric.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert answer["last_id"] == newest


def test_newer_rows_come_unthinned(operator_api: APIClient, snapshot: DatasetSnapshot) -> None:
    run = run_of(snapshot)
    curve(run, 30)
    seen = RunMetric.objects.get(step=19).pk
    answer = operator_api.get(f"{RUNS}{run.pk}/metrics/", {"after": seen}).json()
    assert answer["series"]["run"]["step"] == list(range(20, 30))
    again = operator_api.get(f"{RUNS}{run.pk}/metrics/", {"after": answer["last_id"]}).json()
    assert again == {"last_id": answer["last_id"], "series": {}}
    assert operator_api.get(f"{RUNS}{run.pk}/metrics/", {"after": "x"}).status_code == 400


def test_the_log_continues_after_a_line(operator_api: APIClient, snapshot: DatasetSnapshot) -> None:
    run = run_of(snapshot)
    RunLogLine.objects.bulk_create(
        RunLogLine(run=run, number=number, at=timezone.now(), text=f"line {number}") for number in range(5)
    )
    lines = operator_api.get(f"{RUNS}{run.pk}/log/").json()["lines"]
    assert [line["number"] for line in lines] == [0, 1, 2, 3, 4]
    rest = operator_api.get(f"{RUNS}{run.pk}/log/", {"after": 3}).json()["lines"]
    assert [(line["number"], line["level"], line["text"]) for line in rest] == [(4, "info", "line 4")]


def test_the_form_gets_every_setting_with_type_and_choices(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    options = operator_api.get(f"{RUNS}options/").json()
    assert options["snapshots"] == [
        {"id": snapshot.pk, "name": "hats", "format": "qmul-v1", "sha256": snapshot.sha256}
    ]
    systems = {(each["name"], form): each for each in options["systems"] for form in each["formats"]}
    fields = {each["name"]: each for each in systems["dssa", "qmul-v1"]["profiles"][0]["fields"]}
    assert fields["network"]["choices"] == ["sketch-a-net", "hybrid"]
    assert (fields["steps"]["type"], fields["grad_clip_norm"]["optional"]) == ("int", True)
    assert fields["steps"]["help"]
    tuned = {each["name"]: each for each in systems["sketchfind", "snapshot"]["profiles"]}["fine-tune"]
    assert tuned["servable"]
    assert tuned["base_model"]
    assert "base" not in {each["name"] for each in tuned["fields"]}
    assert systems["sketchfind", "catalogue"]["servable"]


def test_runs_are_compared(operator_api: APIClient, snapshot: DatasetSnapshot) -> None:
    one, two = run_of(snapshot), run_of(snapshot, system="dssa", config={"steps": 9})
    curve(one, 4)
    answer = operator_api.get(f"{RUNS}compare/", {"ids": f"{one.pk},{two.pk}"}).json()
    assert [run["id"] for run in answer["runs"]] == [one.pk, two.pk]
    differing = {each["key"]: each["values"] for each in answer["differing"]}
    assert differing["system"] == {str(one.pk): "triplet-san", str(two.pk): "dssa"}
    assert differing["config.steps"] == {str(one.pk): 4, str(two.pk): 9}
    assert differing["config.holef"] == {str(one.pk): None, str(two.pk): True}
    assert "snapshot" not in differing
    assert answer["series"][str(one.pk)]["run"]["step"] == [0, 1, 2, 3]
    assert answer["series"][str(two.pk)] == {}
    assert operator_api.get(f"{RUNS}compare/", {"ids": "4711"}).json()["field"] == "ids"
    assert operator_api.get(f"{RUNS}compare/", {"ids": "a;b"}).status_code == 400


def test_the_queue_shows_waiting_runs_and_workers(
    operator_api: APIClient, snapshot: DatasetSnapshot, trains: Callable[[str], None]
) -> None:
    run_of(snapshot)
    WorkerBeat.objects.create(name="w1", queues=["train"], alive_at=timezone.now(), doing=None)
    state = operator_api.get("/api/v1/queue/").json()
    assert {queue["name"]: queue["waiting"] for queue in state["queues"]} == {
        "train": 1,
        "index": 0,
        "default": 0,
    }
    assert [(worker["name"], worker["doing"]) for worker in state["workers"]] == [("w1", None)]


def test_progress_and_time_left_are_shown_while_it_trains(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    run = run_of(snapshot)
    now = timezone.now()
    TrainingRun.objects.filter(pk=run.pk).update(
        status=Status.RUNNING, heartbeat_at=now, step=10, n_steps=30, step_s=0.5, trained_s=90.0
    )
    reported = operator_api.get(f"{RUNS}{run.pk}/").json()
    assert (reported["step"], reported["n_steps"], reported["minutes"]) == (10, 30, 1.5)
    assert math.isclose(reported["eta_s"], 10.0)
