"""`manage.py crowd_replay --root FOLDER`: replay the real votes of Shoe-V1 or Chair-V1 through the HTTP API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from annotation.selectors.agreement import agreement_of
from annotation.services.aggregation.consensus import consensus_recompute
from annotation.services.tasks.qmul_v1 import qmul_v1_annotation
from ml.errors import DatasetError
from tools.crowd.replay import replay_mismatches, replay_prepare, replay_run
from tools.crowd.report import log_lines


class Command(BaseCommand):
    help = (
        "Import a category of QMUL V1 as an open campaign and cast its real votes through the API of a running "
        "site, each once, by many workers at once. Research data: use a separate site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--root", type=Path, required=True, help="folder of a category, or PACK.zip/folder/in/it"
        )
        parser.add_argument("--split", choices=["train", "test"], default="train")
        parser.add_argument("--sketches", type=int, help="use only the first N sketches")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="URL of the running site")
        parser.add_argument("--workers", type=int, default=20)
        parser.add_argument("--pace-s", type=float, default=0.0, help="time of a judgement")
        parser.add_argument(
            "--stop-when-decided", action="store_true", help="cast the third vote only on disagreement"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            annotation = qmul_v1_annotation(options["root"], options["split"])
        except (DatasetError, OSError) as error:
            raise CommandError(str(error)) from error
        replay = replay_prepare(
            annotation, n_sketches=options["sketches"], stop_when_decided=options["stop_when_decided"]
        )
        self.stdout.write(f"campaign {replay.campaign.slug}: {len(replay.judged)} triplets")
        started = perf_counter()
        log = asyncio.run(
            replay_run(
                replay, [options["url"].rstrip("/")], n_workers=options["workers"], pace_s=options["pace_s"]
            )
        )
        for line in log_lines(log):
            self.stdout.write(line)
        consensus_recompute(campaign=replay.campaign, now=timezone.now())
        figures = agreement_of(replay.campaign)
        self.stdout.write(
            f"{log.counts['in time']} votes in {perf_counter() - started:.0f} s; agreement {_shown(figures.agreement)}, "
            f"alpha {_shown(figures.alpha)}, cycle rate of the majorities {_shown(figures.cycle_rate)}"
        )
        if wrong := replay_mismatches(replay):
            raise CommandError("\n".join([f"{len(wrong)} majorities differ from the file's", *wrong[:20]]))
        self.stdout.write(f"majority equals the file's on all {len(replay.judged)} pairs")


def _shown(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.4f}"
