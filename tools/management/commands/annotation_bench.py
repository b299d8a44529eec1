"""`manage.py annotation_bench`: a save's time at human pace, votes a second beside bare inserts, the operators' pages."""

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
        "Measures a crowd at human pace over HTTP, on servers started for it, then the service layer against bare "
        "inserts; all on campaigns of synthetic votes made for it. 0 clients or 0 votes leave a part out; --triplets "
        "measures the operators' pages of a campaign of so many with three votes each, instead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clients", type=int, default=300)
        parser.add_argument("--pace-s", type=float, default=1.8, help="a judgement's median time")
        parser.add_argument("--seconds", type=float, default=60.0, help="from the last one's arrival on")
        parser.add_argument(
            "--arrive-s",
            type=float,
            default=30.0,
            help="over how long the crowd comes, one after another; 0: all at once",
        )
        parser.add_argument("--web", type=int, default=2, help="web server processes")
        parser.add_argument(
            "--votes", type=int, default=2_000, help="for the service layer and the inserts each"
        )
        parser.add_argument("--threads", type=int, default=4)
        parser.add_argument("--triplets", type=int, default=0, help="for the operators' pages; 100000")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(processor()))
        if options["triplets"]:
            campaign = campaign_answered(options["triplets"])
            self.stdout.write(f"{'first':>9} {'then':>9}")
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
            self.stdout.write(f"taking answers: {rates.cast:.0f} votes/s ({rates.cast / rates.inserted:.2f})")
            self.stdout.write(
                f"handing out and taking answers: {rates.claimed_and_cast:.0f} votes/s "
                f"({rates.claimed_and_cast / rates.inserted:.2f})"
            )
