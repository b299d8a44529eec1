"""`manage.py annotation_bench`: measure saves at human pace, votes per second, and the operators' pages."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ml.hardware import processor
from tools.crowd.bench import human_pace, rates_measured
from tools.crowd.pages import campaign_answered, pages_measured
from tools.crowd.report import log_lines


class Command(BaseCommand):
    help = (
        "Measure a crowd at human pace over HTTP, on servers started for it, then the service layer against bare "
        "inserts; all on new campaigns with synthetic votes. 0 clients or 0 votes skip a part; --triplets "
        "instead measures the operators' pages of a campaign with that many triplets of three votes each."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clients", type=int, default=300)
        parser.add_argument("--pace-s", type=float, default=1.8, help="median time of a judgement")
        parser.add_argument(
            "--seconds", type=float, default=60.0, help="duration after the last worker has arrived"
        )
        parser.add_argument(
            "--arrive-s",
            type=float,
            default=30.0,
            help="time over which workers arrive, one after another; 0: all at once",
        )
        parser.add_argument("--web", type=int, default=2, help="web server processes")
        parser.add_argument(
            "--votes", type=int, default=2_000, help="votes for the service layer, and for the inserts"
        )
        parser.add_argument("--threads", type=int, default=4)
        parser.add_argument(
            "--triplets", type=int, default=0, help="triplets for the operators' pages, such as 100000"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(processor()))
        if options["triplets"]:
            campaign = campaign_answered(options["triplets"])
            self.stdout.write(f"{'first':>9} {'median':>9}")
            for page in pages_measured(campaign):
                self.stdout.write(f"{page.first_ms:6.0f} ms {page.median_ms:6.0f} ms  {page.path}")
            return
        if options["clients"]:
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                log = human_pace(
                    n_clients=options["clients"],
                    pace_s=options["pace_s"],
                    seconds=options["seconds"],
                    arrive_s=options["arrive_s"],
                    n_web=options["web"],
                    log_file=Path(folder) / "web.log",
                )
            for line in log_lines(log):
                self.stdout.write(line)
        if options["votes"]:
            rates = rates_measured(n_votes=options["votes"], n_threads=options["threads"])
            self.stdout.write(f"bare inserts: {rates.inserted:.0f} votes/s")
            self.stdout.write(f"casting votes: {rates.cast:.0f} votes/s ({rates.cast / rates.inserted:.2f})")
            self.stdout.write(
                f"claiming and casting votes: {rates.claimed_and_cast:.0f} votes/s "
                f"({rates.claimed_and_cast / rates.inserted:.2f})"
            )
