"""Pictures that feeds name by URL: what is known of each, and the servers that they come from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.catalog.import_models import CatalogImport


class PictureHost(models.Model):
    """A server of pictures. Whoever holds its lease is the only one to send it requests, which bounds their rate."""

    class Status(models.TextChoices):
        IDLE = "idle", _("Idle")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")

    name = models.CharField(_("host"), max_length=260, unique=True)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next request"), default=timezone.now, help_text="not before")
    failures = models.PositiveSmallIntegerField(
        _("failures"), default=0, help_text="turns in a row without an answer"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True)

    class Meta:
        verbose_name = _("picture host")
        verbose_name_plural = _("picture hosts")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["idle", "queued", "running"]), name="catalog_host_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RemotePicture(models.Model):
    """A picture of a product that its feed names by URL. Fetched, it becomes the product's photo with the same URL.

    Its validators are sent with the next request, so that an unchanged picture is not sent again.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        FETCHED = "fetched", _("Fetched")
        FAILED = "failed", _("Failed")

    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, related_name="remote_pictures", verbose_name=_("product")
    )
    host = models.ForeignKey(PictureHost, models.PROTECT, related_name="pictures", verbose_name=_("host"))
    catalog_import = models.ForeignKey(
        CatalogImport, models.SET_NULL, null=True, related_name="pictures", verbose_name=_("import")
    )
    row = models.PositiveIntegerField(_("row"), default=0)
    position = models.PositiveSmallIntegerField(_("position"))
    url = models.CharField("URL", max_length=2000)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next request"), default=timezone.now)
    error = models.CharField(_("error"), max_length=300, blank=True)
    etag = models.CharField("ETag", max_length=200, blank=True)
    last_modified = models.CharField("Last-Modified", max_length=200, blank=True)
    sha256 = models.CharField(_("SHA-256 of the original image"), max_length=64, blank=True)
    fetched_at = models.DateTimeField(_("fetched"), null=True)

    class Meta:
        verbose_name = _("picture by URL")
        verbose_name_plural = _("pictures by URL")
        ordering = ["product_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "url"], name="catalog_remote_url_once"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "fetched", "failed"]), name="catalog_remote_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["host", "due_at"], condition=Q(status="waiting"), name="catalog_remote_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.url
