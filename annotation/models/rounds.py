"""Rounds of pairs that the votes choose, each made by a worker of the site."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign


class PairRound(models.Model):
    """A request to add an adaptive campaign's next pairs; at most one per campaign is waiting or running.

    Running it again after its worker was killed is harmless: only sketches that still await pairs get some.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="pair_rounds", verbose_name=_("campaign")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED)
    n_made = models.PositiveIntegerField(_("pairs added"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("requested"), default=timezone.now)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("round of pairs")
        verbose_name_plural = _("rounds of pairs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]),
                name="annotation_round_status_known",
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(status__in=["queued", "running"]),
                name="annotation_round_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.status}"
