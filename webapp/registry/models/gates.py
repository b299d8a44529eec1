"""Gates: a candidate's comparison with the live release, and recorded queries to replay."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.registry.models.training import DatasetSnapshot, TrainingRun


class GateReport(models.Model):
    """A release measured against the one that was live: held-out data, latency, index, recorded queries, and a verdict.

    Claimed and held by a lease, like an index build. `reasons` is a list of {"code", "ok", "text"}, one per rule.
    The verdict is refused, passed as not worse, or passed as better; a rule promotes only what is better.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    release = models.ForeignKey(
        "registry.Release", models.PROTECT, related_name="gates", verbose_name=_("release")
    )
    against = models.ForeignKey(
        "registry.Release", models.PROTECT, null=True, related_name="+", verbose_name=_("live release")
    )
    run = models.ForeignKey(
        TrainingRun, models.PROTECT, null=True, related_name="gates", verbose_name=_("training run")
    )
    snapshot = models.ForeignKey(
        DatasetSnapshot, models.PROTECT, null=True, related_name="gates", verbose_name=_("snapshot")
    )
    by_chain = models.BooleanField(_("requested by the run"), default=False)  # may promote by rule
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    report = models.JSONField(_("report"), default=dict)
    passed = models.BooleanField(_("passed"), null=True)
    better = models.BooleanField(_("significantly better"), null=True)  # null if there was nothing to compare
    reasons = models.JSONField(_("reasons"), default=list)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("created by")
    )
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("gate report")
        verbose_name_plural = _("gate reports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]),
                name="registry_gate_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(passed__isnull=False), name="registry_gate_done_has_verdict"
            ),
            models.UniqueConstraint(
                fields=["release"],
                condition=Q(status__in=["queued", "running"]),
                name="registry_gate_unfinished_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.release_id} {self.status}"


class RecordedQuery(models.Model):
    """A visitor's sketch and its results: one of an anonymous sample of the newest queries."""

    sketch = models.JSONField(_("sketch"))
    release = models.ForeignKey(
        "registry.Release", models.CASCADE, related_name="recorded_queries", verbose_name=_("release")
    )
    product_ids = models.JSONField(_("products found"), default=list)
    scores = models.JSONField(_("scores"), default=list)
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("recorded query")
        verbose_name_plural = _("recorded queries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}: release {self.release_id}"
