"""`manage.py catalog_import FEED --images DIR|ZIP`: products and photos from a feed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from webapp.catalog.importer.findings import FeedError
from webapp.catalog.imports.local import LocalFeed, local_import, mapping_shown


class Command(BaseCommand):
    help = (
        "Import a catalogue: a feed in the layout of Shopify, WooCommerce or Google Merchant, or a table with columns "
        "such as sku, name, category and photo, and the pictures that it names. "
        "Running it again updates only what has changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("feed", type=Path, help=".csv, .tsv, .json, .jsonl or .xml")
        parser.add_argument(
            "--images", type=Path, help="folder or zip of the pictures (default: the feed's folder)"
        )
        parser.add_argument(
            "--images-folder",
            default="",
            help="folder of the pictures below pictures/ in the site's private store",
        )
        parser.add_argument("--mapping", type=Path, help="TOML file that says which column is which field")
        parser.add_argument(
            "--show-mapping",
            action="store_true",
            help="print what the columns are taken for, as TOML, and stop",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=TEXT",
            help="a field of every row that leaves it empty, such as currency=EUR",
        )
        parser.add_argument("--report", type=Path, help="write refused rows and warnings to this CSV")
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
        parser.add_argument(
            "--complete", action="store_true", help="take products that the feed lacks off sale"
        )
        parser.add_argument(
            "--confirm-withdraw",
            type=int,
            metavar="N",
            help="with --complete, allow this many products, even if they are more than a fifth of those on sale",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        feed: Path = options["feed"]
        source = LocalFeed(
            path=feed,
            mapping=options["mapping"],
            constants=_constants(options["set"]),
            complete=options["complete"],
            confirmed=options["confirm_withdraw"],
        )
        try:
            if options["show_mapping"]:
                self.stdout.write(mapping_shown(source), ending="")
                return
            local_import(
                source=source,
                images=options["images"] or feed.parent,
                images_folder=options["images_folder"],
                report=options["report"],
                dry_run=options["dry_run"],
                console=Console(),
            )
        except FeedError as error:
            raise CommandError(str(error)) from error


def _constants(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise CommandError(f"--set {pair}: write FIELD=TEXT, such as currency=EUR")
    return dict(pair.split("=", 1) for pair in pairs)
