"""What a model version is trained from: snapshots of data, and the runs over them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Immutable(models.Model):
    """A row that is written once."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("created by")
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} {self.pk} is immutable")
        super().save(*args, **kwargs)


class DatasetSnapshot(Immutable):
    """Data that a run trains on: an immutable folder, by the SHA-256 of its manifest."""

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
    """One training: what it was asked to do and how far it came."""

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
    config = models.JSONField(_("settings"), default=dict)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("created by")
    )
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed", "cancelled"]),
                name="registry_run_status_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.pk}"
