"""Campaigns with tasks, and workers over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from rest_framework.test import APIClient

from annotation.models import Campaign, Enrolment, Sketch, Task, Worker
from annotation.services.tasks.creation import tasks_create
from tests.factories import ProductFactory
from webapp.catalog.models import Product

_keys = itertools.count()
STROKES = {"width": 100, "height": 100, "strokes": [[[10, 10, 0, 0.5], [90, 90, 40, 0.5]]]}


def key() -> str:
    """Return a new idempotency key."""
    return f"key-{next(_keys):06}"


def make_products(n: int) -> list[Product]:
    """Create products without photos, which is fast."""
    return [ProductFactory(photo=None) for _ in range(n)]


def make_sketch(**fields: Any) -> Sketch:
    return Sketch.objects.create(**{"source": "import", "strokes": STROKES, **fields})


def make_campaign(n_tasks: int = 3, **fields: Any) -> Campaign:
    """Create an open triplet campaign with `n_tasks` triplets of one sketch."""
    n, status = next(_keys), fields.pop("status", "open")
    campaign = Campaign.objects.create(**{"title": f"Chairs {n}", "slug": f"chairs-{n}", **fields})
    if n_tasks:
        add_triplets(campaign, n_tasks)
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    campaign.refresh_from_db()
    return campaign


def add_triplets(campaign: Campaign, n: int, **fields: Any) -> list[Task]:
    """Add `n` triplets, in the order in which they are assigned."""
    side = next(side for side in itertools.count(2) if side * (side - 1) // 2 >= n)
    sketch, products = make_sketch(), make_products(side)
    pairs = list(combinations(products, 2))[:n]
    return add_tasks(
        campaign, [Task(sketch=sketch, candidate_a=a, candidate_b=b, **fields) for a, b in pairs]
    )


def add_tasks(campaign: Campaign, tasks: Sequence[Task]) -> list[Task]:
    known = set(campaign.tasks.values_list("pk", flat=True))
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    return list(campaign.tasks.exclude(pk__in=known).order_by("position"))


def make_enrolment(campaign: Campaign, **fields: Any) -> Enrolment:
    return Enrolment.objects.create(campaign=campaign, worker=Worker.objects.create(), **fields)


class HttpWorker:
    """A worker over the API, identified by a token."""

    def __init__(self, campaign: Campaign, **join: Any) -> None:
        self.campaign = campaign
        self.api = APIClient()
        answer = self.api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, **join})
        assert answer.status_code == 201, answer.json()
        self.enrolment: dict[str, Any] = answer.json()["enrolment"]
        self.token: str = answer.json()["worker_token"]
        self.api = APIClient()
        self.api.credentials(HTTP_AUTHORIZATION=f"Worker {self.token}")

    def here(self, action: str, body: Any = None) -> Any:
        return self.api.post(f"/api/v1/campaigns/{self.campaign.pk}/{action}", body)

    def next(self, **body: Any) -> Any:
        """Return the next assignments as JSON, or None."""
        answer = self.here("next", body or None)
        assert answer.status_code in (200, 204), answer.json()
        return answer.json() if answer.status_code == 200 else None

    def on(self, assignment: int, action: str, **body: Any) -> Any:
        return self.api.post(f"/api/v1/assignments/{assignment}/{action}", body or None)

    def vote(self, assignment: int, choice: str = "left", **body: Any) -> Any:
        body = {"choice": choice, "response_ms": 900, "idempotency_key": key(), **body}
        answer = self.on(assignment, "vote", **body)
        assert answer.status_code == 200, answer.json()
        return answer.json()
