"""What comes from other servers: feeds, fetched on a schedule, and the pictures that feeds name by URL."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.catalog.import_models import CatalogImport
from webapp.input.messages import message_text

HOURS = (1, 6, 24)


class RemoteFeed(models.Model):
    """A feed that is fetched from its address every few hours, checked, and imported.

    The row is authoritative; a job only wakes a worker. `due_at` is null while nothing is to be fetched: paused, or an
    import is under way, or it waits for the operator. What it has brought are its `imports`.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being fetched")
        IMPORTING = "importing", _("Being imported")
        HELD = "held", _("To be confirmed")

    class Outcome(models.TextChoices):
        NONE = "none", _("Not fetched yet")
        IMPORTED = "imported", _("Imported")
        UNCHANGED = "unchanged", _("Unchanged")
        FAILED = "failed", _("Failed")
        COLUMNS = "columns", _("Its columns are to be confirmed")
        WITHDRAWAL = "withdrawal", _("It lacks many products")

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField("URL", max_length=2000)
    user = models.CharField(_("user name"), max_length=120, blank=True)
    password = models.CharField(
        _("password"), max_length=200, blank=True, help_text="as it is: servers ask for it in clear"
    )
    every_h = models.PositiveSmallIntegerField(
        _("hours between fetches"), choices=[(hours, str(hours)) for hours in HOURS], default=24
    )
    complete = models.BooleanField(
        _("complete"),
        default=False,
        help_text=_("The feed has the whole catalogue: what is missing is taken off sale."),
    )
    active = models.BooleanField(_("fetched on schedule"), default=True)
    mapping = models.JSONField(
        default=dict, blank=True, help_text="columns and constants of the last import; {}: there was none"
    )
    etag = models.CharField("ETag", max_length=200, blank=True)
    last_modified = models.CharField("Last-Modified", max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0, help_text="in a row")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, default=Outcome.NONE)
    error = models.TextField(_("error"), blank=True, help_text="in English, with places for error_values")
    error_values = models.JSONField(default=dict, blank=True)
    fetched_at = models.DateTimeField(_("last fetch"), null=True)
    due_at = models.DateTimeField(_("next fetch"), null=True, default=timezone.now)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("feed by address")
        verbose_name_plural = _("feeds by address")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "importing", "held"]),
                name="catalog_remotefeed_status_known",
            ),
            models.CheckConstraint(condition=Q(every_h__in=HOURS), name="catalog_remotefeed_hours_known"),
        ]

    @property
    def error_text(self) -> str:
        """The error in the language of whoever reads it."""
        return message_text(self.error, self.error_values)

    def __str__(self) -> str:
        return self.name


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
