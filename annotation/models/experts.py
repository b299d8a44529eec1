"""Answers of experts that settle what workers could not agree on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.tasks import Task


class ExpertAnswer(models.Model):
    """An operator's answer to a triplet: no vote, and in no count, but it decides the outcome in every aggregation.

    Written once: of several rows on a task, the last one is in force. An empty outcome withdraws the ones before.
    """

    class Outcome(models.TextChoices):
        A = "a", _("Candidate A")
        B = "b", _("Candidate B")
        TIE = "tie", _("Tie")

    task = models.ForeignKey(Task, models.PROTECT, related_name="expert_answers", verbose_name=_("task"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("expert’s answer")
        verbose_name_plural = _("experts’ answers")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", "a", "b", "tie"]), name="annotation_expert_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.outcome}"
