"""Parts of a large index build, which several workers encode at the same time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.registry.models.releases import IndexBuild


class IndexPart(models.Model):
    """Some photos of a build. The worker that holds its lease encodes them and stores the result in `file`."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    build = models.ForeignKey(IndexBuild, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    photo_ids = models.JSONField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    file = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["build_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["build", "number"], name="registry_part_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done"]), name="registry_part_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(file=""), name="registry_part_done_has_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.build_id}/{self.number}"
