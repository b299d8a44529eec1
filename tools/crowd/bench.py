"""Measure how long a save takes at human pace, and how many votes per second the service layer handles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
from django.db import connection
from django.utils import timezone

from annotation.models import Assignment, Campaign, Enrolment, Task, Vote, Worker
from annotation.models.panels import SYNTHETIC
from annotation.services.work.claims import MAX_HELD, assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from tools.crowd.client import Log
from tools.crowd.drive import PREFETCH, Drive, crowd_drive
from tools.crowd.judges import SyntheticJudge
from tools.crowd.people import crowd
from tools.crowd.servers import Servers
from tools.crowd.soak import N_VOTES, campaign_made, seeded_closeness

Item = TypeVar("Item")
_ROUNDS = 5  # interleaved, so that a busy moment of the machine slows all alike


@dataclass(frozen=True, slots=True)
class Rates:
    """Votes per second: bare inserts; the service casting votes; the service claiming work and casting votes."""

    inserted: float
    cast: float
    claimed_and_cast: float


def human_pace(
    *, n_clients: int, pace_s: float, seconds: float, arrive_s: float, n_web: int, log_file: Path
) -> Log:
    """Let `n_clients` workers judge at that pace, on servers started for it. Return the log.

    They arrive one after another over `arrive_s`, then all work for about `seconds`.
    """
    n_answers = round(n_clients * (seconds + arrive_s / 2) / pace_s)
    campaign = campaign_made(2 * n_answers, lease_s=180, seed=0, title="Benchmark (synthetic votes)")
    people = crowd(n_clients, rng=np.random.default_rng(0), pace_s=pace_s)
    judges = [
        SyntheticJudge(person, seeded_closeness(0), np.random.default_rng(number))
        for number, person in enumerate(people)
    ]
    with Servers(n_web, log_file) as servers:
        drive = Drive(
            urls=servers.urls,
            campaign_id=campaign.pk,
            panel=SYNTHETIC,
            max_answers=n_answers,
            arrive_s=arrive_s,
        )
        return asyncio.run(crowd_drive(drive, judges))


def rates_measured(*, n_votes: int, n_threads: int) -> Rates:
    """Measure the three rates interleaved, `n_votes` each, in `n_threads` threads, one transaction per vote."""
    inserting = casting = claiming = 0.0
    for _ in range(_ROUNDS):
        inserting += _inserts(n_votes // _ROUNDS, n_threads)
        cast, claimed = _service(n_votes // _ROUNDS, n_threads)
        casting += cast
        claiming += claimed
    n = n_votes // _ROUNDS * _ROUNDS
    return Rates(n / inserting, n / casting, n / (casting + claiming))


def _campaign(n_votes: int) -> Campaign:
    return campaign_made(n_votes, lease_s=3600, seed=0, title="Benchmark (synthetic votes)")


def _enrolments(campaign: Campaign, n: int) -> list[Enrolment]:
    return [Enrolment.objects.create(campaign=campaign, worker=Worker.objects.create()) for _ in range(n)]


def _inserts(n_votes: int, n_threads: int) -> float:
    """Return the seconds of a first vote on each of `n_votes` tasks; only vote rows are written."""
    campaign, now = _campaign(n_votes * N_VOTES), timezone.now()
    (enrolment,) = _enrolments(campaign, 1)
    tasks = Task.objects.filter(campaign=campaign).values_list("pk", flat=True)[:n_votes]
    assignments = Assignment.objects.bulk_create(
        Assignment(
            task_id=task,
            worker_id=enrolment.worker_id,
            enrolment=enrolment,
            lease_expires_at=now + timedelta(hours=1),
        )
        for task in tasks
    )

    def insert(mine: Sequence[Assignment]) -> None:
        for assignment in mine:
            Vote.objects.create(
                assignment=assignment,
                task_id=assignment.task_id,
                worker_id=assignment.worker_id,
                choice="a",
                side="left",
                counted=True,
                slot=1,
                response_ms=1000,
                idempotency_key=f"bench-{assignment.pk}",
            )

    return _seconds([assignments[i::n_threads] for i in range(n_threads)], insert)


def _service(n_votes: int, n_threads: int) -> tuple[float, float]:
    """Return the seconds of casting `n_votes` votes, and of claiming the work for them; each thread is a worker."""
    tasks_needed = n_votes // n_threads + MAX_HELD  # a worker votes only once on a task
    campaign = _campaign(max(n_votes * 2, tasks_needed * N_VOTES))
    enrolments = _enrolments(campaign, n_threads)

    def claim(enrolment: Enrolment) -> list[Assignment]:
        return assignments_claim(enrolment_id=enrolment.pk, wanted=PREFETCH, now=timezone.now()).assignments

    def cast(enrolment: Enrolment, assignment: Assignment) -> None:
        answer = Answer("left", f"bench-{assignment.pk}", response_ms=1000)
        vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=answer, now=timezone.now())

    spent: list[float] = []

    def work(mine: Enrolment) -> None:
        n, claiming = 0, 0.0
        while n < n_votes // n_threads:
            started = perf_counter()
            held = claim(mine)[: n_votes // n_threads - n]
            claiming += perf_counter() - started
            for assignment in held:
                cast(mine, assignment)
            n += len(held)
        spent.append(claiming)

    both = _seconds(enrolments, work)
    claiming = sum(spent) / n_threads
    return both - claiming, claiming


def _seconds(shares: Sequence[Item], work: Callable[[Item], None]) -> float:
    """Return the seconds of the work on all shares, each in a thread with its own connection."""

    def alone(mine: Item) -> None:
        try:
            work(mine)
        finally:
            connection.close()

    started = perf_counter()
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(alone, shares))
    return perf_counter() - started
