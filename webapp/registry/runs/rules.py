"""Retraining by rule: a run on a fresh snapshot whenever a campaign has enough new triplets."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import transaction

from annotation.models import Campaign, Kind, Task, TripletTask
from annotation.snapshots.freeze import snapshot_freeze
from ml.errors import ConfigError, SketchfindError
from webapp.registry import ml_gateway
from webapp.registry.models import DatasetSnapshot, RetrainRule, TrainingRun
from webapp.registry.runs.offers import profile_check
from webapp.registry.runs.services import run_request
from webapp.registry.runs.settings import settings_validate

log = structlog.get_logger(__name__)
_UNFINISHED = (TrainingRun.Status.QUEUED, TrainingRun.Status.RUNNING)
FORMAT = "snapshot"  # of what a rule freezes


def rule_fields(*, campaign: Campaign, system: str, profile: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return these fields of a rule, validated as a run of it would be; the settings are those that differ.

    Raises ConfigError naming the field: a campaign whose answers make no triplets, a system, profile or setting that is
    unknown, or a profile that no machine here can train.
    """
    if campaign.kind != Kind.TRIPLETS:
        raise ConfigError(
            "campaign", f"{campaign.title} collects {campaign.kind}; only triplets can train a model"
        )
    chosen = ml_gateway.profile_of(system, FORMAT, profile)
    profile_check(profile)
    return {
        "campaign": campaign,
        "system": system,
        "profile": profile,
        "config": settings_validate(chosen, config),
    }


def new_triplets(rule: RetrainRule) -> int:
    """Return the number of triplets that the campaign has decided since the rule's last snapshot."""
    return max(0, _decided(rule) - rule.n_decided)


def _decided(rule: RetrainRule) -> int:
    tasks = TripletTask.objects.filter(campaign=rule.campaign_id, status=Task.Status.DECIDED)
    return tasks.filter(is_gold=False, is_training=False).count()


def retrain_rules_apply() -> list[TrainingRun]:
    """Request the runs that today's votes call for; a rule has at most one unfinished run."""
    runs = []
    for rule in RetrainRule.objects.filter(enabled=True).select_related("campaign", "last_snapshot"):
        busy = rule.runs.filter(status__in=_UNFINISHED).exists()
        if busy or new_triplets(rule) < rule.min_new_triplets:
            continue
        try:
            run = _retrain(rule)
        except SketchfindError as error:  # in this rule's settings; other rules still apply
            log.warning("retrain_rule_failed", rule=rule.pk, error=str(error))
            problem = str(error)
        else:
            runs += [run] if run else []
            problem = ""
        same = RetrainRule.objects.filter(
            pk=rule.pk, system=rule.system, profile=rule.profile, config=rule.config
        )
        same.update(problem=problem)  # not that of settings which have changed meanwhile
    return runs


def _retrain(rule: RetrainRule) -> TrainingRun | None:
    """Return the run on a new snapshot; None if nothing has changed or another process was first.

    Raises NothingToFreezeError if the triplets that were decided give none to train on, such as ties alone.
    """
    n_decided = _decided(rule)  # counted before freezing, so that later decisions count as new next time
    snapshot = DatasetSnapshot.objects.get(pk=snapshot_freeze(campaign=rule.campaign).pk)
    if snapshot == rule.last_snapshot:
        return None
    with transaction.atomic():
        before = RetrainRule.objects.filter(pk=rule.pk, last_snapshot=rule.last_snapshot_id)
        if not before.update(last_snapshot=snapshot, n_decided=n_decided):
            return None
        return run_request(
            snapshot=snapshot,
            system=rule.system,
            profile=rule.profile,
            config=rule.config,
            rule=rule,
            note=f"rule {rule.pk}: {rule.campaign.title}"[:200],
        )
