"""The soak test: a misbehaving crowd on servers that are killed. Reports violated invariants and the speed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from time import perf_counter

import numpy as np
from django.db.models import Sum
from django.utils import timezone

from annotation.models import Campaign, Sketch, Task, TripletTask
from annotation.models.panels import SYNTHETIC
from annotation.services.campaigns.lifecycle import campaign_step
from annotation.services.tasks.creation import tasks_create
from tools.crowd.client import Log
from tools.crowd.drive import Drive, Mischief, crowd_drive
from tools.crowd.judges import Closeness, SyntheticJudge
from tools.crowd.people import crowd
from tools.crowd.proof import violations
from tools.crowd.servers import Servers
from webapp.catalog.models import Category, Product

N_VOTES = 3
N_CANDIDATES = 10
DOWN_S = 1.0  # how long a killed server stays down
STROKES = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]], [[90, 10], [10, 90]]]}


@dataclass(frozen=True, slots=True)
class SoakPlan:
    """The difficulty. Half of the servers are killed at once, `n_kills` times, spread evenly over the votes.

    trouble: probability, per answer, of each kind of mischief.
    """

    n_workers: int = 300
    n_votes: int = 45_000
    n_web: int = 8
    n_kills: int = 2
    lease_s: int = 3
    trouble: float = 0.01
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SoakResult:
    """violations: one per line, empty if all is well. votes_per_s: counted votes, including kills and waits."""

    violations: list[str]
    n_votes: int
    n_open: int
    seconds: float
    log: Log

    @property
    def votes_per_s(self) -> float:
        return self.n_votes / self.seconds


def campaign_made(n_votes: int, *, lease_s: int, seed: int, title: str) -> Campaign:
    """Create an open campaign for `n_votes` votes, on its own products and sketches, which have no pictures."""
    name = f"load-{seed}-{uuid.uuid4().hex[:8]}"
    n_tasks = -(-n_votes // N_VOTES)
    category, _ = Category.objects.get_or_create(slug="load", defaults={"name_en": "Load"})
    Product.objects.bulk_create(
        Product(sku=f"{name}-{i}", name=f"Load {i}", category=category, active=False)
        for i in range(N_CANDIDATES)
    )
    products = list(
        Product.objects.filter(sku__startswith=f"{name}-").values_list("pk", flat=True).order_by("pk")
    )
    pairs = list(combinations(products, 2))
    sketches = Sketch.objects.bulk_create(
        Sketch(source=Sketch.Source.IMPORT, name=f"{name}-{i}", strokes=STROKES)
        for i in range(-(-n_tasks // len(pairs)))
    )
    campaign = Campaign.objects.create(
        title=title, slug=name, seed=seed, votes_per_task=N_VOTES, stop_when_decided=False, lease_s=lease_s,
        break_every=0, settings={"synthetic": True},
    )  # fmt: skip
    triplets = [(sketch, a, b) for sketch in sketches for a, b in pairs][:n_tasks]
    tasks: Sequence[Task] = [
        TripletTask(sketch=sketch, candidate_a_id=a, candidate_b_id=b) for sketch, a, b in triplets
    ]
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    return campaign_step(campaign=campaign, step="open", by=None, now=timezone.now())


def seeded_closeness(seed: int) -> Closeness:
    """Return an invented but reproducible closeness of any product to any sketch."""
    return lambda sketch, product: Random(f"{seed}:{sketch}:{product}").gauss(0.0, 2.0)


def soak(plan: SoakPlan, log_file: Path) -> SoakResult:
    """Run the soak on its own servers, then check the rows."""
    campaign = campaign_made(
        plan.n_votes, lease_s=plan.lease_s, seed=plan.seed, title="Soak (synthetic votes)"
    )
    rng = np.random.default_rng(plan.seed)
    judges = [
        SyntheticJudge(person, seeded_closeness(plan.seed), np.random.default_rng([plan.seed, number]))
        for number, person in enumerate(crowd(plan.n_workers, rng=rng, pace_s=0.0))
    ]
    chance = plan.trouble
    mischief = Mischief(
        abandon=chance, late=chance, double=chance, again=chance, undo=chance, late_s=plan.lease_s + 0.5
    )
    log = Log()
    with Servers(plan.n_web, log_file) as servers:
        drive = Drive(
            urls=servers.urls, campaign_id=campaign.pk, panel=SYNTHETIC, mischief=mischief, seed=plan.seed,
            linger_s=3.0 * plan.lease_s, patience_s=180.0,
        )  # fmt: skip
        started = perf_counter()
        asyncio.run(_run(drive, judges, servers, plan, log))
        seconds = perf_counter() - started
    tasks = Task.objects.filter(campaign=campaign)
    n_counted = tasks.aggregate(n=Sum("n_counted"))["n"] or 0
    return SoakResult(
        violations(campaign, log.receipts), n_counted, tasks.filter(status="open").count(), seconds, log
    )


async def _run(
    drive: Drive, judges: Sequence[SyntheticJudge], servers: Servers, plan: SoakPlan, log: Log
) -> None:
    trouble = asyncio.create_task(_trouble(servers, plan, log))
    await crowd_drive(drive, judges, log)
    trouble.cancel()


async def _trouble(servers: Servers, plan: SoakPlan, log: Log) -> None:
    """Each time another part of the votes is in, kill half of the servers and restart them."""
    for kill in range(plan.n_kills):
        while log.counts["answered"] < plan.n_votes * (kill + 1) / (plan.n_kills + 1):
            await asyncio.sleep(0.05)
        victims = range(kill % 2, plan.n_web, 2)
        for number in victims:
            servers.kill(number)
        log.counts["servers killed"] += len(victims)
        await asyncio.sleep(DOWN_S)
        for number in victims:
            servers.start(number)
