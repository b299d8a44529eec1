"""Measure the operators' pages and endpoints of a campaign with many votes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

import numpy as np
from django.test import Client
from django.utils import timezone

from annotation.consensus.task_status import TaskTally, task_status
from annotation.models import Assignment, Campaign, Enrolment, Task, Vote, Worker
from annotation.models.panels import SYNTHETIC
from annotation.selectors.progress import progress_cache_clear
from annotation.services.tasks.statistics import statistics_refresh
from annotation.services.workers.reports import worker_reports_refresh
from tools.crowd.soak import N_VOTES, campaign_made
from webapp.accounts.models import User

N_WORKERS = 300
_BATCH = 1000  # tasks
_DURATION = timedelta(hours=6)  # from the first vote to the last
_PATHS = (
    "/studio/campaigns/",
    "/studio/campaigns/{id}/",
    "/studio/campaigns/{id}/edit/",
    "/api/v1/campaigns/",
    "/api/v1/campaigns/{id}/",
    "/api/v1/campaigns/{id}/progress/",
    "/api/v1/campaigns/{id}/tasks/",
    "/api/v1/campaigns/{id}/workers/",
    "/api/v1/campaigns/{id}/settle/",
    "/api/v1/campaigns/{id}/disputed/",
    "/api/v1/campaigns/{id}/agreement/",
    "/api/v1/campaigns/{id}/audit/",
    "/api/v1/campaigns/{id}/snapshots/",
)


@dataclass(frozen=True, slots=True)
class PageTime:
    """Milliseconds of a page: the first request, with empty caches, and the median of the following ones."""

    path: str
    first_ms: float
    median_ms: float


def campaign_answered(n_triplets: int, *, seed: int = 0) -> Campaign:
    """Create an open campaign whose triplets have all their (synthetic) votes, by 300 workers, without the services.

    The periodic job's figures of the workers are computed, as ten minutes later they are.
    """
    campaign = campaign_made(
        n_triplets * N_VOTES, lease_s=180, seed=seed, title="Benchmark (synthetic votes)"
    )
    workers = Worker.objects.bulk_create(
        Worker(panel=SYNTHETIC, panel_id=f"pages-{campaign.pk}-{number}") for number in range(N_WORKERS)
    )
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(campaign=campaign, worker=worker, last_seen_at=timezone.now()) for worker in workers
    )
    n_answers = n_triplets * N_VOTES
    tasks = list(Task.objects.filter(campaign=campaign).order_by("position"))
    rng = np.random.default_rng(seed)
    for start in range(0, len(tasks), _BATCH):
        _answer(tasks[start : start + _BATCH], enrolments, rng, n_answers)
    each = n_answers // N_WORKERS
    started = campaign.created_at - _DURATION
    Campaign.objects.filter(pk=campaign.pk).update(created_at=started, opened_at=started)
    Enrolment.objects.filter(campaign=campaign).update(n_answers=each, n_counted=each, n_served=each)
    statistics_refresh(Assignment, Task, Vote, Enrolment)
    campaign.refresh_from_db()
    worker_reports_refresh(campaign=campaign, now=timezone.now())
    return campaign


def pages_measured(campaign: Campaign, *, requests: int = 9) -> Iterator[PageTime]:
    """Time every page of the campaign, requested by an operator."""
    operator = User.objects.create_user(f"pages-bench-{campaign.pk}", role=User.Role.OPERATOR)
    client = Client(SERVER_NAME="localhost")
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    client.get(_PATHS[0], secure=True)  # exclude the start-up of the process
    try:
        for path in _PATHS:
            progress_cache_clear(campaign)
            url = path.format(id=campaign.pk)
            first, *others = (_request_ms(client, url) for _ in range(requests + 1))
            yield PageTime(path, first, median(others))
    finally:
        operator.delete()


def _request_ms(client: Client, url: str) -> float:
    started = perf_counter()
    answer = client.get(url, secure=True)
    taken = 1000 * (perf_counter() - started)
    if answer.status_code != 200:
        raise RuntimeError(f"{url}: status {answer.status_code}")
    return taken


def _answer(tasks: list[Task], enrolments: list[Enrolment], rng: np.random.Generator, n_answers: int) -> None:
    """Give each task its votes; the preferred candidate, and how clearly, differ by task."""
    leaning = rng.random(len(tasks))
    votes: list[Vote] = []
    ended = timezone.now()
    for task, share in zip(tasks, leaning, strict=True):
        tally = TaskTally(task.n_votes)
        for slot in range(1, N_VOTES + 1):
            number = task.position * N_VOTES + slot - 1
            at = ended - _DURATION * (1 - number / n_answers)
            choice = "a" if rng.random() < share else "b"
            votes.append(_vote(task, enrolments[number % N_WORKERS], slot, number, choice, at))
            tally = tally.plus(choice)
        task.n_counted, task.n_a, task.n_b = tally.n_counted, tally.n_a, tally.n_b
        task.n_wanted = max(task.n_wanted, task.n_counted)
        task.status = task_status(tally, compares=True, stop_when_decided=False)
    Assignment.objects.bulk_create([vote.assignment for vote in votes])
    Vote.objects.bulk_create(votes)
    Task.objects.bulk_update(tasks, ["n_counted", "n_a", "n_b", "n_wanted", "status"])


def _vote(task: Task, enrolment: Enrolment, slot: int, number: int, choice: str, at: datetime) -> Vote:
    assignment = Assignment(
        task=task,
        worker_id=enrolment.worker_id,
        enrolment=enrolment,
        status=Assignment.Status.VOTED,
        leased_at=at,
        lease_expires_at=at,
        left_is_a=bool(number % 2),
        position=number // N_WORKERS,
    )
    return Vote(
        assignment=assignment,
        task=task,
        worker_id=enrolment.worker_id,
        choice=choice,
        side="left" if (choice == "a") == assignment.left_is_a else "right",
        counted=True,
        slot=slot,
        response_ms=1800,
        idempotency_key=f"pages-{task.pk}-{slot}",
        created_at=at,
    )
