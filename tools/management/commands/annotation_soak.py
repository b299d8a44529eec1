"""`manage.py annotation_soak`: a misbehaving crowd on servers that are killed; fails if an answer is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml.hardware import processor
from tools.crowd.report import log_lines
from tools.crowd.soak import SoakPlan, soak


class Command(BaseCommand):
    help = (
        "Start web servers on this site's database and let synthetic workers vote on a new campaign: "
        "late, twice at once, repeatedly, undone, or never; half of the servers are killed now and then. "
        "Fails if a task has too many votes or two of one worker, a receipt has no row, or a task is left open."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=300)
        parser.add_argument("--votes", type=int, default=45_000)
        parser.add_argument("--web", type=int, default=8, help="web server processes")
        parser.add_argument(
            "--kills", type=int, default=2, help="number of times that half of the servers are killed"
        )
        parser.add_argument("--lease-s", type=int, default=3)
        parser.add_argument(
            "--trouble", type=float, default=0.01, help="probability of each mischief per answer"
        )
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        plan = SoakPlan(
            n_workers=options["workers"],
            n_votes=options["votes"],
            n_web=options["web"],
            n_kills=options["kills"],
            lease_s=options["lease_s"],
            trouble=options["trouble"],
            seed=options["seed"],
        )
        self.stdout.write(str(processor()))
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            result = soak(plan, Path(folder) / "web.log")
        for line in log_lines(result.log):
            self.stdout.write(line)
        self.stdout.write(
            f"{result.n_votes} votes counted in {result.seconds:.1f} s ({result.votes_per_s:.0f} per second), "
            f"{len(result.log.receipts)} receipts checked"
        )
        if result.violations or result.n_open:
            shown = "\n".join(result.violations[:20])
            raise CommandError(
                f"{len(result.violations)} violations, {result.n_open} tasks left open\n{shown}"
            )
        self.stdout.write("0 tasks with too many votes, 0 double votes, 0 lost receipts, 0 tasks left open")
