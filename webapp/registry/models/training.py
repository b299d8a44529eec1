"""Dataset snapshots and the training runs on them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WrittenOnce(models.Model):
    """A row that cannot be changed once it is saved."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} {self.pk} is immutable")
        super().save(*args, **kwargs)


class Immutable(WrittenOnce):
    """A row that cannot be changed, with its creator and creation time."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("created by")
    )

    class Meta:
        abstract = True


class DatasetSnapshot(Immutable):
    """Data that a run trains on: an immutable folder, identified by the SHA-256 of its manifest."""

    name = models.CharField(_("name"), max_length=120)
    format = models.CharField(_("format"), max_length=40)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    folder = models.CharField(_("folder"), max_length=200, blank=True)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("dataset snapshot")
        verbose_name_plural = _("dataset snapshots")

    def __str__(self) -> str:
        return self.name


class TrainingRun(models.Model):
    """One training: its settings, its progress and the reason why it ended. The row is authoritative.

    A worker claims a queued run, holds it by its heartbeat and trains in the folder `DATA_DIR/runs/<id>`. A run whose
    lease expires is queued again, and resumes from its last checkpoint.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    snapshot = models.ForeignKey(
        DatasetSnapshot, models.PROTECT, related_name="runs", verbose_name=_("snapshot")
    )
    snapshot_sha256 = models.CharField(max_length=64, editable=False)
    system = models.CharField(_("system"), max_length=40)
    profile = models.CharField(_("profile"), max_length=40, default="cpu")
    config = models.JSONField(_("settings"), default=dict, help_text="differences from the profile")
    processes = models.PositiveSmallIntegerField(_("processes"), default=1)
    base_model = models.ForeignKey(
        "registry.ModelVersion",
        models.PROTECT,
        null=True,
        related_name="fine_tunings",
        verbose_name=_("base model"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    request_id = models.CharField(
        max_length=64, blank=True, editable=False
    )  # of the request that created the run, for the logs
    rule = models.ForeignKey(
        "registry.RetrainRule", models.SET_NULL, null=True, related_name="runs", verbose_name=_("rule")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(_("stage"), max_length=40, blank=True)
    step = models.PositiveIntegerField(_("completed steps"), default=0)
    n_steps = models.PositiveIntegerField(_("steps in the stage"), null=True)
    step_s = models.FloatField(_("seconds per step"), null=True)
    latest = models.JSONField(_("latest values"), default=dict)
    best = models.JSONField(_("best validation"), default=dict)
    measured = models.JSONField(_("test metrics"), default=dict)
    pictures = models.JSONField(_("images"), default=list, help_text="name and caption of each image")
    error = models.TextField(_("error"), blank=True)
    command = models.TextField(_("command"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    losses = models.PositiveSmallIntegerField(_("consecutive lost workers"), default=0, editable=False)
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    device = models.CharField(_("device"), max_length=120, blank=True)
    trained_s = models.FloatField(_("training seconds"), default=0.0)
    attempt_at = models.DateTimeField(_("last attempt started"), null=True, editable=False)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True, editable=False)
    cancel_requested_at = models.DateTimeField(_("cancellation requested"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("created by")
    )
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed", "cancelled"]),
                name="registry_run_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(heartbeat_at__isnull=False),
                name="registry_run_running_has_heartbeat",
            ),
            models.CheckConstraint(condition=Q(processes__gte=1), name="registry_run_has_processes"),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="registry_run_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.pk}"

    @property
    def pictures_folder(self) -> str:
        """The folder of its pictures in the `private` storage."""
        return f"runs/{self.pk}"

    @property
    def eta_s(self) -> float | None:
        """Seconds until the stage's last step, while one is being trained."""
        if self.status != self.Status.RUNNING or self.step_s is None or self.n_steps is None:
            return None
        return max(0, self.n_steps - self.step) * self.step_s

    @property
    def minutes(self) -> float:
        """Minutes trained, over all attempts."""
        return round(self.trained_s / 60, 1)
