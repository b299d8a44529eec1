"""Three demo campaigns, one per kind, so that `/annotate/` and the studio have something to show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.models import Campaign, Kind, Sketch, Task
from annotation.services.campaigns.lifecycle import campaign_create, campaign_step
from annotation.services.tasks.candidates import Plan, candidate_sets_create, triplets_create
from annotation.services.tasks.creation import tasks_create
from webapp.catalog.selectors import products_on_sale
from webapp.registry.releases.annotation_features import release_features
from webapp.search.examples import examples

CHAIRS = "chair"
PAIRS_PER_SKETCH = 12
KEY = "demo-example-{}"  # fixed, so that every demo holds out the same two sketches and validates on the same one
ONTOLOGY = [
    {"slug": "armrests", "en": "Has armrests", "de": "Hat Armlehnen"},
    {"slug": "padded", "en": "Padded seat", "de": "Gepolsterter Sitz"},
    {"slug": "four-legs", "en": "Four legs", "de": "Vier Beine"},
    {"slug": "wheels", "en": "Wheels", "de": "Rollen"},
    {"slug": "slatted", "en": "Slatted back", "de": "Lehne mit Streben"},
]


@transaction.atomic
def demo_campaigns_open(*, now: datetime) -> list[Campaign]:
    """Open those of the three that do not exist yet, by slug; needs a live release. Return the new ones."""
    made = []
    for slug, fields, fill in _campaigns():
        if Campaign.objects.filter(slug=slug).exists():
            continue
        campaign = campaign_create(by=None, slug=slug, **fields)
        fill(campaign)
        made.append(campaign_step(campaign=campaign, step="open", by=None, now=now))
    return made


def _campaigns() -> list[tuple[str, dict[str, Any], Any]]:
    return [
        (
            "demo-closer",
            _fields(
                Kind.TRIPLETS,
                (
                    "Demo: which one matches better?",
                    "Look at the sketch, then choose the photo that matches it better.",
                ),
                (
                    "Demo: Was passt besser?",
                    "Sehen Sie sich die Skizze an und wählen Sie das Foto, das besser zu ihr passt.",
                ),
            ),
            _triplets,
        ),
        (
            "demo-chairs",
            _fields(
                Kind.ATTRIBUTES,
                ("Demo: describe chairs", "For each chair, say what you see."),
                ("Demo: Stühle beschreiben", "Geben Sie zu jedem Stuhl an, was Sie sehen."),
                ontology=ONTOLOGY,
            ),
            _chairs,
        ),
        (
            "demo-memory",
            _fields(
                Kind.SKETCHES,
                ("Demo: chairs from memory", "Look at a chair for 15 seconds, then draw what you remember."),
                (
                    "Demo: Stühle aus dem Gedächtnis",
                    "Sehen Sie sich einen Stuhl 15 Sekunden lang an, dann zeichnen Sie, woran Sie sich erinnern.",
                ),
            ),
            _chairs,
        ),
    ]


def _fields(kind: Kind, english: tuple[str, str], german: tuple[str, str], **settings: Any) -> dict[str, Any]:
    translations = {"de": {"title": german[0], "instructions": german[1]}}
    return {
        "kind": kind,
        "title": english[0],
        "instructions": english[1],
        "settings": {**settings, "translations": translations},
    }


def _triplets(campaign: Campaign) -> None:
    """Create triplets of each example sketch with pairs of its ten nearest products."""
    sketches = Sketch.objects.bulk_create(
        Sketch(
            key=KEY.format(number),
            source=Sketch.Source.IMPORT,
            name=example["name"],
            strokes=example["sketch"],
        )
        for number, example in enumerate(examples())
    )
    candidate_sets_create(
        campaign=campaign,
        sketches=sketches,
        products=list(products_on_sale()),
        provider=release_features,
        by=None,
        force_true_match=False,
    )
    triplets_create(campaign=campaign, plan=Plan(pairs_per_sketch=PAIRS_PER_SKETCH), by=None)


def _chairs(campaign: Campaign) -> None:
    chairs = products_on_sale(category=CHAIRS)[:12]
    tasks_create(campaign=campaign, tasks=[Task(product=product) for product in chairs], by=None)
