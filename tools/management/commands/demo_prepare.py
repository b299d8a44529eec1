"""`manage.py demo_prepare`: all that the demo needs before it is served, in one process, for a quick second start."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from tools.demo.campaigns import demo_campaigns_open


class Command(BaseCommand):
    help = (
        "Migrations, the demo catalogue, a live release of the shipped model and three campaigns. "
        "Leaves as is what is there."
    )
    requires_system_checks = ()  # migrate runs them

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, stdout=self.stdout)
        call_command("demo_seed", stdout=self.stdout)
        call_command("release_build", stdout=self.stdout)
        demo_campaigns_open(now=timezone.now())
