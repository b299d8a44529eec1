"""Imports of catalogue feeds: the upload, its columns, its progress, and the refused rows."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.functional import LazyObject
from django.utils.translation import gettext_lazy as _

from webapp.input.messages import message_text

LEASE = timedelta(minutes=2)  # an import without a heartbeat for this long is claimed by another worker
MAX_TAKEOVERS = 4  # a row that stops its worker must not stop all of them for ever
FILES_KEPT = timedelta(days=7)  # of uploads that have not been imported


class _PrivateStorage(LazyObject[Storage]):
    def _setup(self) -> None:
        self._wrapped = storages["private"]


uploads = _PrivateStorage()


def private_storage() -> Storage:
    """Return the storage where uploads wait; it is never served."""
    return cast(Storage, uploads)


def _upload_name(row: CatalogImport, name: str) -> str:
    return f"imports/{row.pk}/{uuid.uuid4().hex}"


class CatalogImport(models.Model):
    """One feed to import. The row is authoritative; a job only wakes a worker.

    Importing again is harmless, since unchanged rows are skipped: the import of a killed worker is run again.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("To be confirmed")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("started by")
    )
    remote_feed = models.ForeignKey(
        "catalog.RemoteFeed",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="imports",
        verbose_name=_("feed by address"),
        help_text="null: an upload",
    )
    feed = models.FileField(_("feed"), storage=private_storage, upload_to=_upload_name, max_length=200)
    feed_name = models.CharField(_("feed name"), max_length=200, editable=False)
    images = models.FileField(
        _("images"), storage=private_storage, upload_to=_upload_name, max_length=200, blank=True
    )
    images_folder = models.CharField(
        _("folder of images"),
        max_length=200,
        blank=True,
        help_text=_("folder below `pictures/` in the site's private store, instead of an archive"),
    )
    dry_run = models.BooleanField(_("check only"), default=False)
    complete = models.BooleanField(
        _("complete"),
        default=False,
        help_text=_("The feed has the whole catalogue: what is missing is taken off sale."),
    )
    confirmed = models.PositiveIntegerField(
        _("products that may be taken off sale"),
        null=True,
        blank=True,
        help_text=_("Needed if more than a fifth of the products are missing."),
    )
    mapping = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="columns and constants; {}: as recognised when it runs",
    )
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.QUEUED, editable=False
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    takeovers = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="attempts since it was queued whose worker fell silent"
    )
    progress = models.FloatField(_("progress"), default=0.0, editable=False)
    rows = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    created = models.PositiveIntegerField(_("created"), default=0, editable=False)
    updated = models.PositiveIntegerField(_("updated"), default=0, editable=False)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0, editable=False)
    refused = models.PositiveIntegerField(_("refused"), default=0, editable=False)
    pictures_fetched = models.PositiveIntegerField(_("pictures fetched"), default=0, editable=False)
    pictures_unchanged = models.PositiveIntegerField(_("pictures unchanged"), default=0, editable=False)
    pictures_failed = models.PositiveIntegerField(_("pictures failed"), default=0, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    withdrawn = models.PositiveIntegerField(_("taken off sale"), default=0, editable=False)
    error = models.TextField(
        _("error"), blank=True, editable=False, help_text="in English, with places for error_values"
    )
    error_values = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "queued", "running", "done", "failed"]),
                name="catalog_import_status_known",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="catalog_import_progress_fraction"
            ),
            models.CheckConstraint(
                condition=Q(
                    rows=models.F("created")
                    + models.F("updated")
                    + models.F("unchanged")
                    + models.F("refused")
                ),
                name="catalog_import_rows_add_up",
            ),
        ]

    @property
    def error_text(self) -> str:
        """The error in the language of whoever reads it."""
        return message_text(self.error, self.error_values)

    @property
    def can_start(self) -> bool:
        """Whether its files are there, and it neither runs nor is done."""
        states = self.Status
        done = self.status == states.DONE and not self.dry_run
        return bool(self.feed) and self.status not in {states.QUEUED, states.RUNNING} and not done

    def __str__(self) -> str:
        return f"{self.feed_name}, {self.created_at:%Y-%m-%d %H:%M}"


class FeedMapping(models.Model):
    """What an operator made of the columns of a header, for the next feed that has the same."""

    header = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the columns' names")
    mapping = models.JSONField(help_text="layout, columns, constants")
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(header=""), name="catalog_mapping_header_given")]

    def __str__(self) -> str:
        return self.header[:12]


class ImportIssue(models.Model):
    """A row of a feed that was refused, or imported with a warning."""

    catalog_import = models.ForeignKey(CatalogImport, models.CASCADE, related_name="issues")
    row = models.PositiveIntegerField(_("row"))
    sku = models.CharField(_("SKU"), max_length=64, blank=True)
    field = models.CharField(_("field"), max_length=80)
    why = models.CharField(_("reason"), max_length=300, help_text="in English, with places for the values")
    values = models.JSONField(default=dict, blank=True)
    refused = models.BooleanField(_("refused"))

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.row}: {self.field}: {self.text}"

    @property
    def text(self) -> str:
        """The reason in the language of whoever reads it."""
        return message_text(self.why, self.values)
