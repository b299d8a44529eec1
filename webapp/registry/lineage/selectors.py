"""The lineage of releases and votes: the rows between workers' votes and visitors' answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotation.models import Campaign, Vote
from webapp.registry.models import (
    DatasetSnapshot,
    IndexBuild,
    ModelVersion,
    RecordedQuery,
    Release,
    ReleaseEvent,
    TrainingRun,
)

_MAX_RUNS = 50  # back from a model through the models it was fine-tuned from


@dataclass(frozen=True)
class ReleaseLineage:
    """snapshot, run: the model's own, None if trained elsewhere; snapshots, runs: including those of its base models."""

    release: Release
    index_build: IndexBuild
    model: ModelVersion
    run: TrainingRun | None
    snapshot: DatasetSnapshot | None
    runs: list[TrainingRun]
    snapshots: list[DatasetSnapshot]
    campaigns: list[Campaign]
    n_votes: int


@dataclass(frozen=True)
class VoteLineage:
    """Everything that a vote went into, oldest first; answers: recorded queries that found a product it judged."""

    vote: Vote
    campaign: Campaign
    snapshots: list[DatasetSnapshot]
    runs: list[TrainingRun]
    models: list[ModelVersion]
    releases: list[Release]
    events: list[ReleaseEvent]
    answers: list[RecordedQuery]


def release_lineage(release: Release) -> ReleaseLineage:
    """Trace a release back to the campaigns whose votes it was trained on."""
    runs: list[TrainingRun] = []
    model: ModelVersion | None = release.model
    while model is not None and model.training_run is not None and len(runs) < _MAX_RUNS:
        runs.append(model.training_run)
        model = model.training_run.base_model
    snapshots = list({run.snapshot_id: run.snapshot for run in runs}.values())
    slugs = {slug for snapshot in snapshots if (slug := _campaign_slug(snapshot))}
    return ReleaseLineage(
        release=release,
        index_build=release.index_build,
        model=release.model,
        run=runs[0] if runs else None,
        snapshot=runs[0].snapshot if runs else None,
        runs=runs,
        snapshots=snapshots,
        campaigns=list(Campaign.objects.filter(slug__in=slugs).order_by("pk")),
        n_votes=sum(_n_votes(snapshot) for snapshot in snapshots),
    )


def vote_lineage(vote: Vote) -> VoteLineage:
    """Trace a vote forward to the answers that it helped to rank."""
    campaign = vote.task.campaign
    frozen = DatasetSnapshot.objects.filter(format="snapshot", facts__campaign__slug=campaign.slug)
    written = vote.created_at.isoformat()
    snapshots = [
        snapshot
        for snapshot in frozen.order_by("pk")
        if _counted_at(vote, snapshot.created_at)
        and written <= str(snapshot.facts.get("created", ""))  # both in UTC
    ]
    runs = _trained_on(snapshots)
    releases = Release.objects.filter(index_build__model__training_run__in=runs).order_by("pk")
    return VoteLineage(
        vote=vote,
        campaign=campaign,
        snapshots=snapshots,
        runs=runs,
        models=list(ModelVersion.objects.filter(training_run__in=runs).order_by("pk")),
        releases=list(releases.select_related("index_build__model")),
        events=list(ReleaseEvent.objects.filter(release__in=releases).order_by("number")),
        answers=_answers(vote, releases),
    )


def _counted_at(vote: Vote, moment: datetime) -> bool:
    """Return whether the vote counted then: it has a slot, and was not undone yet."""
    undo = Vote.objects.filter(revokes=vote).first()
    return vote.slot is not None and (undo is None or undo.created_at > moment)


def _trained_on(snapshots: list[DatasetSnapshot]) -> list[TrainingRun]:
    """Return the runs on the snapshots, and those that continued from their models."""
    runs = list(TrainingRun.objects.filter(snapshot__in=snapshots))
    seen = {run.pk for run in runs}
    latest = runs
    while latest:
        latest = list(TrainingRun.objects.filter(base_model__training_run__in=latest).exclude(pk__in=seen))
        runs += latest
        seen |= {run.pk for run in latest}
    return sorted(runs, key=lambda run: run.pk)


def _answers(vote: Vote, releases: Any) -> list[RecordedQuery]:
    """Return the newest recorded queries that these releases answered with a product that the vote compared."""
    judged = {vote.task.candidate_a_id, vote.task.candidate_b_id} - {None}
    queries = RecordedQuery.objects.filter(release__in=releases).order_by("-pk")
    return [query for query in queries if judged & set(query.product_ids)][:10]


def _campaign_slug(snapshot: DatasetSnapshot) -> str | None:
    slug: str | None = (snapshot.facts.get("campaign") or {}).get("slug")
    return slug


def _n_votes(snapshot: DatasetSnapshot) -> int:
    return int((snapshot.facts.get("counts") or {}).get("votes", 0))
