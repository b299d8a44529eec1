"""Driven crowds over real HTTP: every vote counts once, whatever the workers do; and the proof finds violations."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from PIL import Image
from pytest_django.live_server_helper import LiveServer

from annotation.models import Campaign, Task, Vote, Worker
from annotation.models.panels import REPLAYED, SYNTHETIC
from annotation.snapshots.freeze import snapshot_freeze
from ml.hardware import processor
from tests.factories import PhotoFactory, ProductFactory
from tests.support.crowd import add_tasks, make_campaign, make_sketch
from tools.crowd.client import ApiWorker, GaveUpError, Log
from tools.crowd.drive import Drive, Mischief, crowd_drive
from tools.crowd.judges import SyntheticJudge
from tools.crowd.people import crowd
from tools.crowd.proof import violations
from tools.crowd.soak import seeded_closeness
from webapp.catalog.models import Product

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def judges(n: int, seed: int = 0) -> list[SyntheticJudge]:
    people = crowd(n, rng=np.random.default_rng(seed), pace_s=0.0)
    return [
        SyntheticJudge(person, seeded_closeness(seed), np.random.default_rng([seed, number]))
        for number, person in enumerate(people)
    ]


def driven(campaign: Campaign, live_server: LiveServer, n_workers: int, **drive: Any) -> Log:
    drive = {"linger_s": 1.5, **drive}  # a row that another worker has locked is offered a little later
    plan = Drive(urls=[live_server.url], campaign_id=campaign.pk, panel=SYNTHETIC, **drive)
    return asyncio.run(crowd_drive(plan, judges(n_workers)))


def test_a_crowd_that_misbehaves_loses_and_doubles_nothing(live_server: LiveServer) -> None:
    campaign = make_campaign(20, stop_when_decided=False, lease_s=1)
    mischief = Mischief(abandon=0.05, late=0.05, double=0.2, again=0.2, undo=0.1, late_s=1.2)
    log = driven(campaign, live_server, 6, mischief=mischief, linger_s=4.0)
    assert violations(campaign, log.receipts) == []
    assert not Task.objects.filter(campaign=campaign, status="open").exists()
    assert Vote.objects.filter(counted=True).count() == 60
    for mischief_done in ("sent twice at once", "sent again", "undone"):
        assert log.counts[mischief_done], mischief_done
    assert log.counts["two receipts for one key"] == 0
    assert len(log.receipts) == Vote.objects.exclude(choice="undo").count() + log.counts["undone"]


def test_a_crowd_stops_at_the_requested_number_of_answers(live_server: LiveServer) -> None:
    campaign = make_campaign(20)
    log = driven(campaign, live_server, 3, max_answers=10)
    assert 10 <= log.counts["answered"] <= 12


def test_synthetic_votes_are_labelled_to_the_snapshot(live_server: LiveServer) -> None:
    campaign = make_campaign(3, stop_when_decided=False)
    for product in Product.objects.all():
        PhotoFactory(product=product)  # without one, a product is in no snapshot
    driven(campaign, live_server, 3)
    assert set(Worker.objects.values_list("panel", flat=True)) == {SYNTHETIC}
    assert snapshot_freeze(campaign=campaign).facts["consensus"]["synthetic_votes"] == 9


def test_the_command_simulates_an_open_campaign_and_refuses_others(
    live_server: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = make_campaign(6)
    call_command("crowd_simulate", campaign.slug, url=live_server.url, workers=3, pace_s=0.0)
    assert "synthetic votes" in capsys.readouterr().out
    assert not Task.objects.filter(campaign=campaign, status="open").exists()
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    with pytest.raises(CommandError, match="is not an open triplet campaign"):
        call_command("crowd_simulate", campaign.slug, url=live_server.url)


def test_a_crowd_that_prefers_paleness_chooses_the_paler_photo(live_server: LiveServer) -> None:
    pale, dark = (ProductFactory(photo__data=_grey(level)) for level in (200, 20))
    campaign = make_campaign(0)
    add_tasks(campaign, [Task(sketch=make_sketch(), candidate_a=pale, candidate_b=dark) for _ in range(8)])
    options: dict[str, Any] = {"workers": 3, "pace_s": 0.0, "random_share": 0.0, "taste": "pale"}
    call_command("crowd_simulate", campaign.slug, url=live_server.url, **options)
    totals = campaign.tasks.aggregate(pale=Sum("n_a"), dark=Sum("n_b"))
    assert totals["pale"] > 3 * totals["dark"]


def _grey(level: int) -> bytes:
    """Return a square of that brightness on white."""
    image = Image.new("L", (160, 160), 255)
    image.paste(level, (30, 30, 130, 130))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("early", [False, True])
def test_replayed_votes_give_the_majority_of_the_file(
    live_server: LiveServer, pack: Any, tmp_path: Path, early: bool
) -> None:
    root = pack()
    archive = tmp_path / "v1.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in root.rglob("*"):
            file.write(path, path.relative_to(tmp_path))
    call_command(
        "crowd_replay",
        root=archive / "stools",
        sketches=2,
        url=live_server.url,
        workers=5,
        stop_when_decided=early,
    )
    assert set(Worker.objects.values_list("panel", flat=True)) == {REPLAYED}
    part = json.loads((root / "annotation" / "stools_annotation.json").read_text())["train"]
    n_votes = 0
    for row in range(2):
        wins = Counter(map(tuple, part["triplets"][row]))
        for nearer, farther in list(wins):
            ours, theirs = wins[nearer, farther], wins[farther, nearer]
            skus = [f"stools-v1-{photo + 1}" for photo in (nearer, farther)]
            task = Task.objects.get(
                sketch__name=f"stools-v1/train/{row + 1}.png",
                candidate_a__sku__in=skus,
                candidate_b__sku__in=skus,
            )
            won = skus[0] if ours > theirs else skus[1]
            product = task.candidate_a if task.n_a > task.n_b else task.candidate_b
            assert product
            assert product.sku == won
            n_votes += task.n_counted
    assert Vote.objects.filter(counted=True).count() <= 36
    assert (Vote.objects.filter(counted=True).count() < 36) == early


def test_an_unavailable_server_is_retried_until_patience_ends() -> None:
    log = Log()

    async def ask() -> None:
        async with aiohttp.ClientSession() as http:
            await ApiWorker(http, ["http://127.0.0.1:9"], 1, log, patience_s=0.3).join("a link's token")

    with pytest.raises(GaveUpError, match=r"no answer within 0\.3 s"):
        asyncio.run(ask())
    assert log.counts["repeated ClientConnectorError"] >= 3


def test_the_proof_finds_lost_receipts_and_wrong_counters(live_server: LiveServer) -> None:
    campaign = make_campaign(2, stop_when_decided=False)
    log = driven(campaign, live_server, 3)
    vote = Vote.objects.filter(counted=True).first()
    assert vote is not None
    said = violations(campaign, {**log.receipts, "never-stored": "v999999", "another-key": vote.receipt})
    assert sorted(said) == sorted(
        ["receipt v999999 of never-stored: lost", f"receipt {vote.receipt} of another-key: lost"]
    )
    Task.objects.filter(pk=vote.task_id).update(n_a=0, n_b=0)
    assert violations(campaign, log.receipts) == [f"task {vote.task_id}: its counters differ from its votes"]


def test_the_proof_finds_votes_over_the_limit(live_server: LiveServer) -> None:
    campaign = make_campaign(1, stop_when_decided=False)
    log = driven(campaign, live_server, 3)
    campaign.votes_per_task = 2
    task = Task.objects.get(campaign=campaign)
    assert violations(campaign, log.receipts) == [f"task {task.pk}: 3 counted votes of 2"]


def test_the_benchmark_requests_every_operator_page(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("annotation_bench", triplets=100)
    lines = capsys.readouterr().out.splitlines()
    assert sum("/studio/campaigns/" in line for line in lines) == 3
    assert sum("/api/v1/campaigns/" in line for line in lines) == 10
    assert Vote.objects.filter(counted=True).count() == 300
    campaign = Campaign.objects.get()
    assert violations(campaign, {}) == []


def test_the_benchmark_reports_the_time_of_a_save_and_the_rates(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("annotation_bench", clients=0, votes=20, threads=2)
    machine, bare, cast, both = capsys.readouterr().out.splitlines()
    assert machine == str(processor())
    assert bare.startswith("bare inserts: ")
    assert cast.startswith("casting votes: ")
    assert both.startswith("claiming and casting votes: ")
    assert Vote.objects.filter(counted=True).count() == 2 * 20  # bare, and through the service
