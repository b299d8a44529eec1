"""`manage.py bench_rounds --sketches 2000`: what a worker's request waits for when pairs are due, and the job."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ml.hardware import processor
from tools.bench.rounds import rounds_measured


class Command(BaseCommand):
    help = (
        "Measure rounds of adaptively chosen pairs on a campaign with simulated votes, in one transaction that is rolled "
        "back: the request of the worker who finds no task, the job, and the next request."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sketches", type=int, default=2_000)
        parser.add_argument("--candidates", type=int, default=10)
        parser.add_argument("--rounds", type=int, default=3, help="rounds after the first one")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(processor()))
        self.stdout.write(f"{'round':>5} {'request':>10} {'job':>9} {'next':>10}  pairs")
        for one in rounds_measured(options["sketches"], options["candidates"], options["rounds"]):
            self.stdout.write(
                f"{one.number:5} {1000 * one.request_s:7.0f} ms {one.job_s:7.2f} s {1000 * one.next_s:7.0f} ms"
                f"  {one.n_pairs}"
            )
