"""`manage.py catalog_import FEED --images DIR|ZIP`: products and photos from a feed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from webapp.catalog.importer.findings import FeedError
from webapp.catalog.local_import import local_import


class Command(BaseCommand):
    help = (
        "Import a catalogue: a CSV or JSONL feed with the columns sku, name, category, photo (and licence, "
        "author, source, active, attr.*), and the pictures that `photo` names. "
        "Running it again updates only what has changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("feed", type=Path, help=".csv, .tsv or .jsonl")
        parser.add_argument(
            "--images", type=Path, help="folder or zip of the pictures (default: the feed's folder)"
        )
        parser.add_argument("--report", type=Path, help="write refused rows and warnings to this CSV")
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        feed: Path = options["feed"]
        try:
            local_import(
                feed=feed,
                images=options["images"] or feed.parent,
                report=options["report"],
                dry_run=options["dry_run"],
                console=Console(),
            )
        except FeedError as error:
            raise CommandError(str(error)) from error
