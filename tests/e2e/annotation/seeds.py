"""Campaigns for the browser tests, written straight into the site's database: `manage.py shell` calls `make`."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

from django.utils import timezone

from annotation.models import Campaign, Kind, Sketch, Task
from annotation.services.tasks.creation import tasks_create
from annotation.services.work.attributes import attributes_answer
from annotation.services.work.claims import assignments_claim
from annotation.services.workers.enrolment import worker_join
from webapp.catalog.models import Product

EXAMPLES = Path(__file__).resolve().parents[3] / "webapp" / "search" / "examples.json"
ONTOLOGY = [
    {"slug": "armrests", "en": "Armrests", "de": "Armlehnen"},
    {"slug": "wheels", "en": "Wheels", "de": "Rollen"},
    {"slug": "high-back", "en": "High back", "de": "Hohe Lehne"},
]


def make(wanted: list[dict[str, Any]]) -> None:
    """Create one campaign for each of `wanted`: `slug`, `kind`, `n_tasks`, `n_training` and fields of Campaign."""
    sketch = json.loads(EXAMPLES.read_text())["examples"][0]["sketch"]
    chairs = list(Product.objects.filter(category__slug="chair").order_by("pk")[:16])
    for fields in wanted:
        kind, n_tasks, n_training = fields.pop("kind"), fields.pop("n_tasks"), fields.pop("n_training", 0)
        campaign = Campaign.objects.create(
            **{
                "kind": kind,
                "title": f"Chairs: {fields['slug']}",
                "instructions": "Look at the shape.",
                **fields,
            }
        )
        drawn = Sketch.objects.create(source="import", strokes=sketch, name="Chair")
        if kind == Kind.TRIPLETS:
            pairs = list(combinations(chairs, 2))[: n_tasks + n_training]
            tasks = [Task(sketch=drawn, candidate_a=a, candidate_b=b) for a, b in pairs]
        else:
            tasks = [Task(product=chair) for chair in chairs[: n_tasks + n_training]]
        for task in tasks[:n_training]:
            task.is_training, task.explanation = True, "It has the same back."
            task.gold_answer = "a" if kind == Kind.TRIPLETS else {"armrests": True}
        tasks_create(campaign=campaign, tasks=tasks, by=None)
        Campaign.objects.filter(pk=campaign.pk).update(status="open")
        print(campaign.slug, campaign.pk)


def describe(slug: str, n_workers: int) -> None:
    """Let workers answer all tasks of an attribute campaign: every chair has armrests, some workers see wheels."""
    campaign = Campaign.objects.get(slug=slug)
    for number in range(n_workers):
        enrolment = worker_join(campaign=campaign, consent=True, now=timezone.now())
        for place in range(campaign.tasks.count()):
            (one,) = assignments_claim(enrolment_id=enrolment.pk, now=timezone.now()).assignments
            attributes_answer(
                worker=enrolment.worker,
                assignment_id=one.pk,
                idempotency_key=f"seeded-{number}-{place}",
                now=timezone.now(),
                values={"armrests": True, "wheels": number > 0, "high-back": None},
            )
