"""`manage.py demo_prepare`: everything that the demo needs, in one process, so that later starts are quick."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from tools.demo.campaigns import demo_campaigns_open


class Command(BaseCommand):
    help = (
        "Apply migrations; create the demo catalogue, a live release of the shipped model, and three campaigns. "
        "Existing ones are kept."
    )
    requires_system_checks = ()  # migrate runs them

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, stdout=self.stdout)
        call_command("demo_seed", stdout=self.stdout)
        call_command("release_build", stdout=self.stdout)
        demo_campaigns_open(now=timezone.now())
