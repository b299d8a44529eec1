"""`manage.py crowd_simulate CAMPAIGN`: let synthetic workers vote through the HTTP API of a running site."""

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
LINGER_S = 2.0  # a disagreement of the last two requires a third


class Command(BaseCommand):
    help = (
        "Let synthetic workers vote in an open triplet campaign, all at once, each at their own pace. "
        "Their votes are labelled: they come from the panel SYNTHETIC, and snapshots report their number."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="slug of the campaign")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="URL of the running site")
        parser.add_argument("--workers", type=int, default=30)
        parser.add_argument("--votes", type=int, help="stop after N answers")
        parser.add_argument(
            "--taste",
            choices=("near", "pale"),
            default="near",
            help="what they prefer: the candidate that the release put first, or the paler photo, "
            "which no release knows of before it learns from them",
        )
        parser.add_argument(
            "--pace-s", type=float, default=1.8, help="median time of a judgement; 0: no pauses"
        )
        parser.add_argument(
            "--random-share", type=float, default=0.15, help="share of workers who click at random"
        )
        parser.add_argument(
            "--left-share", type=float, default=0.0, help="share of workers who always choose the left"
        )
        parser.add_argument(
            "--late-share", type=float, default=0.0, help="share of answers sent after the lease"
        )
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(slug=options["campaign"], kind="triplets").first()
        if campaign is None or not campaign.is_open:
            raise CommandError(f"campaign: {options['campaign']!r} is not an open triplet campaign")
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
        started = perf_counter()
        log = asyncio.run(crowd_drive(drive, judges))
        for line in log_lines(log):
            self.stdout.write(line)
        seconds = perf_counter() - started
        self.stdout.write(
            f"{log.counts['in time']} synthetic votes in {seconds:.0f} s "
            f"({log.counts['in time'] / seconds:.0f} per second)"
        )


def _near(campaign: Campaign, seed: int) -> Closeness:
    """Prefer nearer candidates, with an invented difference per sketch."""
    chance = seeded_closeness(seed)
    rank = {
        (sketch_url(candidates.sketch), product): place
        for candidates in CandidateSet.objects.filter(campaign=campaign).select_related("sketch")
        for place, product in enumerate(candidates.products)
    }
    return lambda sketch, product: chance(sketch, product) * 0.5 - 0.6 * rank.get((sketch, product), 0)


def _pale(campaign: Campaign) -> Closeness:
    """Prefer paler photos, whatever was drawn: by three times their deviation from the mean of all candidates."""
    pairs = TripletTask.objects.filter(campaign=campaign).values_list("candidate_a_id", "candidate_b_id")
    products = Product.everything.filter(pk__in={pk for pair in pairs for pk in pair})
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
