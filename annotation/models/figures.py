"""Cached figures of a worker's votes, for pages that cannot wait for them. Recomputable at any time."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.workers import Enrolment


class WorkerFigures(models.Model):
    """One worker's report in one campaign: the fields of `annotation.consensus.workers.WorkerReport`."""

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, primary_key=True, related_name="figures", verbose_name=_("enrolment")
    )
    report = models.JSONField(_("report"))
    findings = models.JSONField(_("broken rules"), default=list)  # [{"rule", "level", "value", "limit"}]
    computed_at = models.DateTimeField(_("computed"), default=timezone.now)

    class Meta:
        verbose_name = _("worker statistics")
        verbose_name_plural = _("worker statistics")

    def __str__(self) -> str:
        return f"{self.enrolment_id}"
