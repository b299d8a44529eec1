"""`manage.py demo_seed`: import the demo catalogue like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from webapp.catalog.importer.findings import FeedError
from webapp.catalog.imports.local import LocalFeed, local_import

DATA = Path(__file__).resolve().parents[2] / "demo" / "data"


class Command(BaseCommand):
    help = "Import the demo catalogue. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = local_import(source=LocalFeed(DATA / "products.jsonl"), images=DATA, console=Console())
        except FeedError as error:
            raise CommandError(str(error)) from error
        if counts.refused:
            raise CommandError(f"{counts.refused} rows of the demo catalogue were refused")
