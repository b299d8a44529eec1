"""`manage.py registry_bench`: measure the studio's pages with many runs and long curves."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ml.hardware import processor
from tools.bench.runs import filled, measured


class Command(BaseCommand):
    help = (
        "Create runs with metric rows, measure the pages and endpoints that show them, and delete them again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=500)
        parser.add_argument("--rows", type=int, default=10_000, help="metric rows per run")
        parser.add_argument("--requests", type=int, default=9, help="requests per page")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(processor()))
        started = perf_counter()
        with filled(options["runs"], options["rows"]) as ids:
            self.stdout.write(
                f"{options['runs']} runs of {options['rows']} rows, made in {perf_counter() - started:.0f} s"
            )
            self.stdout.write(f"{'median':>9} {'slowest':>9} {'size':>9}")
            for timing in measured(ids, requests=options["requests"]):
                figures = f"{timing.median_ms:6.0f} ms {timing.slowest_ms:6.0f} ms {timing.kilobytes:6.0f} kB"
                self.stdout.write(f"{figures}  {timing.path}")
