"""Own material of studies: sets of sketches and private photos, known by the researcher's own ids, and their imports."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.catalog.import_models import private_storage
from webapp.input.stored import BoundedJSONField

OWN_ID_MAX = 40  # characters; a private photo's SKU contains it


class StudySet(models.Model):
    """Sketches and photos that a researcher has brought in. The shop never shows its photos."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("study set")
        verbose_name_plural = _("study sets")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="annotation_set_named")]

    def __str__(self) -> str:
        return self.name


class StudyPhoto(models.Model):
    """A photo of a study set: a private product, by its own id."""

    study_set = models.ForeignKey(
        StudySet, models.PROTECT, related_name="photos", verbose_name=_("study set"), db_index=False
    )
    own_id = models.CharField(_("own id"), max_length=OWN_ID_MAX)
    product = models.OneToOneField(
        "catalog.Product", models.PROTECT, related_name="study_photo", verbose_name=_("product")
    )

    class Meta:
        verbose_name = _("photo of a study")
        verbose_name_plural = _("photos of studies")
        constraints = [
            models.UniqueConstraint(fields=["study_set", "own_id"], name="annotation_study_photo_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_set_id}: {self.own_id}"


def _upload_name(row: MaterialImport, name: str) -> str:
    return f"material/{row.study_set_id}/{uuid.uuid4().hex}.zip"


class MaterialImport(models.Model):
    """A zip of sketches or photos to add to a set, completely or not at all. A worker reads it.

    `findings` holds the first refused rows: {"row", "own_id", "file", "field", "why", "values"}. Running it again after
    its worker was killed is harmless: everything is stored in one transaction.
    """

    class What(models.TextChoices):
        SKETCHES = "sketches", _("Sketches")
        PHOTOS = "photos", _("Photos")

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Refused")

    study_set = models.ForeignKey(
        StudySet, models.CASCADE, related_name="imports", verbose_name=_("study set")
    )
    what = models.CharField(_("content"), max_length=8, choices=What.choices)
    file = models.FileField(_("file"), storage=private_storage, upload_to=_upload_name, max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED)
    n_rows = models.PositiveIntegerField(_("rows"), default=0)
    n_read = models.PositiveIntegerField(_("rows read"), default=0)
    n_refused = models.PositiveIntegerField(_("rows refused"), default=0)
    findings = BoundedJSONField(_("refused rows"), default=list)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import of a study set")
        verbose_name_plural = _("imports of study sets")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["sketches", "photos"]), name="annotation_material_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]),
                name="annotation_material_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.status}"
