"""`manage.py crowd_simulate CAMPAIGN`: synthetic workers vote through the HTTP API of a running site."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.models import Campaign, CandidateSet, TripletTask
from annotation.models.panels import SYNTHETIC
from annotation.selectors.work import sketch_url
from ml.images.decode import decode_image
from tools.crowd.drive import Drive, Mischief, crowd_drive
from tools.crowd.judges import Closeness, SyntheticJudge
from tools.crowd.people import crowd
from tools.crowd.report import log_lines
from tools.crowd.soak import seeded_closeness
from webapp.catalog.models import Product
from webapp.catalog.services import image_limits

PALENESS = 3.0  # logits for one standard deviation
LINGER_S = 2.0  # a disagreement of the last two asks for a third


class Command(BaseCommand):
    help = (
        "Lets made-up workers work in an open triplet campaign, all at once, each at a pace of their own. "
        "Their votes are labelled: they come from the panel SYNTHETIC, and a snapshot counts them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="its slug")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the running site")
        parser.add_argument("--workers", type=int, default=30)
        parser.add_argument("--votes", type=int, help="stop after so many answers")
        parser.add_argument(
            "--taste",
            choices=("near", "pale"),
            default="near",
            help="what they find closer: the candidate that the release put first, or the paler photo, "
            "which no release knows of before it learns from them",
        )
        parser.add_argument(
            "--pace-s", type=float, default=1.8, help="a judgement's median time; 0: no pauses"
        )
        parser.add_argument("--random-share", type=float, default=0.15, help="workers who click at random")
        parser.add_argument("--left-share", type=float, default=0.0, help="workers who always take the left")
        parser.add_argument("--late-share", type=float, default=0.0, help="answers sent after the lease")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["campaign"], kind="triplets").first()
        if campaign is None or not campaign.is_open:
            raise CommandError(f"campaign: {options['campaign']!r} is no open triplet campaign")
        seed = options["seed"]
        people = crowd(
            options["workers"],
            rng=np.random.default_rng(seed),
            random_share=options["random_share"],
            left_share=options["left_share"],
            pace_s=options["pace_s"],
        )
        closeness = _pale(campaign) if options["taste"] == "pale" else _near(campaign, seed)
        judges = [
            SyntheticJudge(person, closeness, np.random.default_rng([seed, number]))
            for number, person in enumerate(people)
        ]
        drive = Drive(
            urls=[options["url"].rstrip("/")],
            campaign_id=campaign.pk,
            panel=SYNTHETIC,
            mischief=Mischief(late=options["late_share"], late_s=campaign.lease_s + 1.0),
            max_answers=options["votes"],
            linger_s=LINGER_S,
            seed=seed,
        )
        began = perf_counter()
        log = asyncio.run(crowd_drive(drive, judges))
        for line in log_lines(log):
            self.stdout.write(line)
        seconds = perf_counter() - began
        self.stdout.write(
            f"{log.counts['counted']} synthetic votes in {seconds:.0f} s ({log.counts['counted'] / seconds:.0f} a second)"
        )


def _near(campaign: Campaign, seed: int) -> Closeness:
    """Nearer candidates come closer, with an invented difference from sketch to sketch."""
    chance = seeded_closeness(seed)
    rank = {
        (sketch_url(candidates.sketch), product): place
        for candidates in CandidateSet.objects.filter(campaign=campaign).select_related("sketch")
        for place, product in enumerate(candidates.products)
    }
    return lambda sketch, product: chance(sketch, product) * 0.5 - 0.6 * rank.get((sketch, product), 0)


def _pale(campaign: Campaign) -> Closeness:
    """Paler photos come closer, whatever was drawn: by three times their deviation from the mean of all candidates."""
    pairs = TripletTask.objects.filter(campaign=campaign).values_list("candidate_a_id", "candidate_b_id")
    products = Product.objects.filter(pk__in={pk for pair in pairs for pk in pair})
    ids, brightness = [], []
    for product in products.prefetch_related("photos"):
        if photo := product.main_photo:
            with photo.file.open() as file:
                ids.append(product.pk)
                brightness.append(float(decode_image(file.read(), image_limits()).mean()))
    values = np.array(brightness)
    deviation = (values - values.mean()) / max(float(values.std()), 1e-6)
    logit = dict(zip(ids, (PALENESS * deviation).tolist(), strict=True))
    return lambda sketch, product: logit.get(product, 0.0)
