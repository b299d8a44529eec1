"""The audit log: who changed what, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign
from annotation.models.workers import Worker
from webapp.input.stored import BoundedJSONField


class AuditEvent(models.Model):
    """An operator's action, or a finding of the nightly check. Written once, never deleted.

    If a draft is deleted, its events stay without it.
    """

    at = models.DateTimeField(_("time"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    action = models.CharField(_("action"), max_length=40)  # campaign.open, enrolment.block, check.over, ...
    campaign = models.ForeignKey(
        Campaign, models.SET_NULL, null=True, related_name="audit", verbose_name=_("campaign")
    )
    worker = models.ForeignKey(
        Worker, models.PROTECT, null=True, related_name="audit", verbose_name=_("worker")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    facts = BoundedJSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes = [models.Index(fields=["campaign", "-id"], name="annotation_audit_campaign")]

    def __str__(self) -> str:
        return f"{self.action}, {self.at:%Y-%m-%d %H:%M}"
