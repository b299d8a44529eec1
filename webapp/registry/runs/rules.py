"""Retraining by rule: a run over a fresh snapshot whenever a campaign has so many new triplets."""

from __future__ import annotations

import structlog
from django.db import transaction

from annotation.models import Task, TripletTask
from annotation.snapshots.freeze import snapshot_freeze
from ml.errors import SketchfindError
from webapp.registry.models import DatasetSnapshot, RetrainRule, TrainingRun
from webapp.registry.runs.services import run_request

log = structlog.get_logger(__name__)
_UNFINISHED = (TrainingRun.Status.QUEUED, TrainingRun.Status.RUNNING)


def new_triplets(rule: RetrainRule) -> int:
    """Triplets that the campaign's votes have decided since the rule's last snapshot."""
    return max(0, _decided(rule) - rule.n_decided)


def _decided(rule: RetrainRule) -> int:
    tasks = TripletTask.objects.filter(campaign=rule.campaign_id, status=Task.Status.DECIDED)
    return tasks.filter(is_gold=False, is_training=False).count()


def retrain_rules_apply() -> list[TrainingRun]:
    """The runs that today's votes call for; a rule has one unfinished run at most."""
    runs = []
    for rule in RetrainRule.objects.filter(enabled=True).select_related("campaign", "last_snapshot"):
        busy = rule.runs.filter(status__in=_UNFINISHED).exists()
        if busy or new_triplets(rule) < rule.min_new_triplets:
            continue
        try:
            run = _retrained(rule)
        except SketchfindError as error:  # of its settings: the others' rules hold
            log.warning("retrain_rule_failed", rule=rule.pk, error=str(error))
        else:
            runs += [run] if run else []
    return runs


def _retrained(rule: RetrainRule) -> TrainingRun | None:
    """The run over a new snapshot; None where nothing changed or another process was first."""
    n_decided = _decided(rule)  # before it is frozen: what is decided meanwhile is new the next time
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
