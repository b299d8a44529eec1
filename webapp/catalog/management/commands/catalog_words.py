"""`manage.py catalog_words`: compute again what products are recognised as."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from webapp.catalog.models import Product
from webapp.catalog.words.services import fits_refresh


class Command(BaseCommand):
    help = (
        "Compute which names of sketches the products answer, for products whose words or whose vocabulary changed. "
        "A worker does the same every minute. Operators' corrections are kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="compute all products again")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            Product.objects.update(fits_version=0)
        self.stdout.write(f"{fits_refresh()} products computed")
