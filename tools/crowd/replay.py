"""Replay recorded real votes: a campaign made of them, and workers that cast them again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils import timezone

from annotation.models import Campaign, TripletTask
from annotation.models.panels import REPLAYED
from annotation.selectors.work import sketch_url
from annotation.services.campaigns.lifecycle import campaign_create, campaign_step
from annotation.services.tasks.imports import JudgedTriplet, qmul_v1_import
from annotation.services.tasks.qmul_v1 import Annotation
from tools.crowd.client import Log
from tools.crowd.drive import Drive, crowd_drive
from tools.crowd.judges import RealVotes, ReplayingJudge

LINGER_S = 2.0  # a disagreement of the last two requires a third


@dataclass(frozen=True, slots=True)
class Replay:
    """An open campaign and the real votes on its triplets."""

    campaign: Campaign
    judged: list[JudgedTriplet]


def replay_prepare(
    annotation: Annotation, *, n_sketches: int | None = None, stop_when_decided: bool = False
) -> Replay:
    """Create and open the campaign, with as many votes per triplet as the annotation has."""
    n_votes = 1 + max(vote.round for votes in annotation.votes for vote in votes)
    campaign = campaign_create(
        by=None,
        title=f"Replay of {annotation.category}, {annotation.split}",
        slug=f"replay-{annotation.category}-{annotation.split}-{uuid.uuid4().hex[:6]}",
        votes_per_task=n_votes,
        stop_when_decided=stop_when_decided,
        break_every=0,
    )
    judged = qmul_v1_import(annotation=annotation, campaign=campaign, n_sketches=n_sketches, by=None)
    campaign = campaign_step(campaign=campaign, step="open", by=None, now=timezone.now())
    return Replay(campaign, judged)


async def replay_run(replay: Replay, urls: list[str], *, n_workers: int, pace_s: float = 0.0) -> Log:
    """Cast every vote once, in its round's order, by `n_workers` at once; at least as many as votes per triplet."""
    votes = RealVotes(
        {(sketch_url(one.sketch), frozenset(one.products)): list(one.winners) for one in replay.judged}
    )
    judges = [ReplayingJudge(f"replay-{number:03d}", votes, pace_s) for number in range(n_workers)]
    drive = Drive(urls=urls, campaign_id=replay.campaign.pk, panel=REPLAYED, linger_s=LINGER_S)
    return await crowd_drive(drive, judges)


def replay_mismatches(replay: Replay) -> list[str]:
    """Return triplets whose majority differs from that of the replayed votes, one per line."""
    outcomes = {
        (task.sketch_id, frozenset((task.candidate_a_id, task.candidate_b_id))): (
            task.candidate_a_id
            if task.n_a > task.n_b
            else task.candidate_b_id
            if task.n_b > task.n_a
            else None
        )
        for task in TripletTask.objects.filter(campaign=replay.campaign)
    }
    lines = []
    for one in replay.judged:
        first, second = (one.winners.count(product) for product in one.products)
        expected = None if first == second else one.products[0] if first > second else one.products[1]
        found = outcomes.get((one.sketch.pk, frozenset(one.products)), 0)
        if found != expected:
            lines.append(
                f"{one.sketch}, products {one.products}: majority {found}, expected {expected} from the replayed votes"
            )
    return lines
