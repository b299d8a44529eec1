"""Retraining by rule: one run per number of new triplets."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Campaign, Task, TripletTask
from annotation.services.tasks.imports import JudgedTriplet, votes_import
from ml.errors import ConfigError
from tests.factories import PhotoFactory
from tests.support.crowd import make_campaign
from webapp.catalog.models import Photo, Product
from webapp.registry.models import DatasetSnapshot, RetrainRule, TrainingRun
from webapp.registry.runs.rules import new_triplets, retrain_rules_apply
from webapp.registry.runs.services import run_request

pytestmark = pytest.mark.django_db


def decided(campaign: Campaign, n: int) -> None:
    """Decide n more tasks of the campaign."""
    judged = [
        JudgedTriplet(task.sketch, (a, b), [a] * 3)
        for task in TripletTask.objects.filter(campaign=campaign, status=Task.Status.OPEN)[:n]
        if task.sketch and (a := task.candidate_a_id) and (b := task.candidate_b_id)
    ]
    votes_import(campaign=campaign, judged=judged, source="test", by=None, now=timezone.now())


@pytest.fixture
def rule(db: None) -> RetrainRule:
    campaign = make_campaign(6)
    for product in Product.objects.all():
        PhotoFactory(product=product)
    return RetrainRule.objects.create(
        campaign=campaign, min_new_triplets=3, system="sketchfind", profile="fine-tune"
    )


def test_a_run_is_requested_when_there_are_enough_new_triplets(rule: RetrainRule) -> None:
    decided(rule.campaign, 2)
    assert (new_triplets(rule), retrain_rules_apply()) == (2, [])
    decided(rule.campaign, 1)
    (run,) = retrain_rules_apply()
    rule.refresh_from_db()
    assert (run.rule, run.snapshot, run.status) == (rule, rule.last_snapshot, TrainingRun.Status.QUEUED)
    assert (run.system, run.profile) == ("sketchfind", "fine-tune")
    assert retrain_rules_apply() == []


def test_nothing_opens_while_its_last_run_is_unfinished_or_it_is_off(rule: RetrainRule) -> None:
    decided(rule.campaign, 4)
    assert len(retrain_rules_apply()) == 1
    RetrainRule.objects.update(last_snapshot=None)
    assert retrain_rules_apply() == []
    TrainingRun.objects.update(status=TrainingRun.Status.DONE)
    RetrainRule.objects.update(enabled=False)
    assert retrain_rules_apply() == []


def test_triplets_decided_before_the_last_snapshot_are_not_new(rule: RetrainRule) -> None:
    """Not by the snapshot's triplets, which include undecided ones with votes and exclude ties."""
    decided(rule.campaign, 4)
    (run,) = retrain_rules_apply()
    type(run.snapshot).objects.filter(pk=run.snapshot_id).update(facts={"counts": {"triplets": 6}})
    rule = RetrainRule.objects.get()
    assert new_triplets(rule) == 0
    decided(rule.campaign, 2)
    assert new_triplets(rule) == 2


def test_rules_of_before_take_their_snapshots_triplets_for_decided(rule: RetrainRule) -> None:
    decided(rule.campaign, 4)
    retrain_rules_apply()
    DatasetSnapshot.objects.update(facts={"counts": {"triplets": 3}})
    RetrainRule.objects.update(n_decided=0)
    migration = import_module("webapp.registry.migrations.0006_rule_counts_decided")
    migration._count(apps, None)
    assert RetrainRule.objects.get().n_decided == 3


def test_nothing_is_frozen_if_the_decided_triplets_give_none_to_train_on(
    rule: RetrainRule, caplog: pytest.LogCaptureFixture, operator_api: APIClient
) -> None:
    decided(rule.campaign, 4)
    Photo.objects.all().delete()
    assert retrain_rules_apply() == []
    assert not DatasetSnapshot.objects.exists()
    assert "nothing was frozen" in caplog.text
    rule.refresh_from_db()
    assert (rule.last_snapshot, rule.n_decided) == (None, 0)  # tried again with the next votes
    (shown,) = operator_api.get("/api/v1/rules/").json()["rules"]
    assert "nothing was frozen" in shown["problem"]
    for product in Product.objects.all():
        PhotoFactory(product=product)
    assert len(retrain_rules_apply()) == 1
    (shown,) = operator_api.get("/api/v1/rules/").json()["rules"]
    assert shown["problem"] == ""


def test_a_run_on_an_empty_snapshot_is_refused_whoever_asks() -> None:
    empty = DatasetSnapshot(format="snapshot", facts={"counts": {"triplets": 0, "sketches": 0}})
    with pytest.raises(ConfigError, match="snapshot: is empty"):
        run_request(snapshot=empty, system="sketchfind")


def test_a_rule_with_invalid_settings_does_not_stop_the_others(rule: RetrainRule) -> None:
    RetrainRule.objects.create(
        campaign=rule.campaign, min_new_triplets=1, system="sketchfind", config={"stepps": 1}
    )
    decided(rule.campaign, 4)
    (run,) = retrain_rules_apply()
    assert run.rule == rule


def test_an_operator_edits_a_rule_and_sees_errors(operator_client: Client) -> None:
    address = reverse("admin:registry_retrainrule_add")
    requested = {
        "campaign": make_campaign(2).pk,
        "min_new_triplets": 50,
        "system": "sketchfind",
        "enabled": "on",
    }
    for wrong, field in (
        ({"profile": "tpu"}, "profile"),
        ({"profile": "fine-tune", "config": '{"stepps": 3}'}, "config"),
        ({"profile": "fine-tune", "config": "[1]"}, "config"),
        ({"profile": "fine-tune", "config": ""}, "config"),
        ({"profile": "fine-tune", "config": "{"}, "config"),
    ):
        answer = operator_client.post(address, {**requested, "config": "{}", **wrong})
        assert field in answer.context["adminform"].form.errors
    assert not RetrainRule.objects.exists()
    operator_client.post(address, {**requested, "profile": "fine-tune", "config": '{"steps": 60}'})
    rule = RetrainRule.objects.get()
    assert (rule.config, rule.min_new_triplets, rule.auto_promote) == ({"steps": 60}, 50, False)
