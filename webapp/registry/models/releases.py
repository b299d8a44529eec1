"""Model versions, their indexes, releases, and the pointer at the live one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.registry.models.training import Immutable, TrainingRun, WrittenOnce

LEASE = timedelta(
    minutes=2
)  # an index build or a gate without a heartbeat for this long is claimed by another worker


class ModelVersion(Immutable):
    """An encoder: an immutable folder of the `private` storage, identified by the SHA-256 of its model.json.

    No two share name and version. `version` differs from the manifest's if another model had that one already.
    """

    name = models.CharField(_("name"), max_length=80)
    version = models.CharField(_("version"), max_length=80, blank=True)
    system = models.CharField(_("system"), max_length=40)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    encoder_sha256 = models.CharField(_("SHA-256 of the encoder"), max_length=64)
    folder = models.CharField(_("folder"), max_length=200)
    manifest = models.JSONField(_("manifest"))
    card = models.TextField(_("model card"), blank=True)
    training_run = models.ForeignKey(
        TrainingRun, models.PROTECT, null=True, related_name="model_versions", verbose_name=_("training run")
    )

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="registry_model_named_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics on the model card."""
        metrics: dict[str, Any] = self.manifest.get("metrics") or {}
        return metrics


class IndexBuild(models.Model):
    """The catalogue's photos, encoded by one model version. The row is authoritative; a job only wakes a worker.

    A build is held by a lease; another worker resumes the build of a killed one after its last complete batch.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    model = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="index_builds", verbose_name=_("model")
    )
    model_sha256 = models.CharField(max_length=64, editable=False)
    catalogue_sha256 = models.CharField(_("SHA-256 of the catalogue"), max_length=64)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    n_total = models.PositiveIntegerField(_("photos"), default=0)
    n_done = models.PositiveIntegerField(_("photos indexed"), default=0)
    n_skipped = models.PositiveIntegerField(_("unreadable photos"), default=0)
    folder = models.CharField(_("folder"), max_length=200, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    numbers = models.JSONField(
        _("numerics"), null=True, help_text="precision and agreement of the encoder used"
    )
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("created by")
    )
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("index build")
        verbose_name_plural = _("index builds")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "ready", "failed"]),
                name="registry_index_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | ~(Q(sha256="") | Q(folder="")),
                name="registry_index_ready_has_files",
            ),
            models.UniqueConstraint(
                fields=["model", "catalogue_sha256"],
                condition=Q(status__in=["queued", "running"]),
                name="registry_index_unfinished_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    @property
    def n_photos(self) -> int:
        """Photos in the index."""
        return self.n_done - self.n_skipped


class Release(Immutable):
    """A model version with an index that it built: what can go live.

    The model is that of the index, so the two always match.
    """

    index_build = models.OneToOneField(
        IndexBuild, models.PROTECT, related_name="release", verbose_name=_("index build")
    )
    model_sha256 = models.CharField(max_length=64, editable=False)
    index_sha256 = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.model}"

    @property
    def model(self) -> ModelVersion:
        """The model version of its index."""
        return self.index_build.model


class ReleaseEvent(WrittenOnce):
    """One move of the live pointer: who, when, why, from which release to which. Never changed or deleted."""

    class Kind(models.TextChoices):
        PROMOTE = "promote", _("Promoted")
        ROLLBACK = "rollback", _("Rolled back")

    number = models.PositiveIntegerField(_("number"), unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    release = models.ForeignKey(Release, models.PROTECT, related_name="events", verbose_name=_("release"))
    replaced = models.ForeignKey(
        Release, models.PROTECT, null=True, related_name="+", verbose_name=_("replaced release")
    )
    undoes_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="the promotion that a rollback of this one returns to",
    )
    at = models.DateTimeField(_("time"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("release event")
        verbose_name_plural = _("release events")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["promote", "rollback"]), name="registry_event_kind_known"
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="registry_event_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.release_id}"


class LivePointer(models.Model):
    """Which release is live: one row. `number` increases with every move; web processes watch it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    release = models.ForeignKey(
        Release, models.PROTECT, null=True, related_name="+", verbose_name=_("release")
    )
    promotion = models.ForeignKey(ReleaseEvent, models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField(_("number of moves"), default=0)

    class Meta:
        verbose_name = _("live release")
        verbose_name_plural = _("live release")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="registry_livepointer_single")]

    def __str__(self) -> str:
        return f"{self.release_id}"
