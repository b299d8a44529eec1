"""`manage.py demo_seed`: the demo catalogue, through the importer that every catalogue goes through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from webapp.catalog.importer.findings import FeedError
from webapp.catalog.local_import import local_import

DATA = Path(__file__).resolve().parents[2] / "demo" / "data"


class Command(BaseCommand):
    help = "Imports the demo catalogue. A second time it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = local_import(feed=DATA / "products.jsonl", images=DATA, console=Console())
        except FeedError as error:
            raise CommandError(str(error)) from error
        if counts.refused:
            raise CommandError(f"{counts.refused} rows of the demo catalogue were refused")
