"""Attribute answers, merged and frozen."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign


class AttributeTable(models.Model):
    """The merged answers of an attribute campaign: an immutable folder of the `private` storage.

    Identified by the SHA-256 of its manifest, like a snapshot. Candidates can be chosen by it.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="attribute_tables", verbose_name=_("campaign")
    )
    name = models.CharField(_("name"), max_length=120)
    aggregation = models.CharField(_("aggregation"), max_length=24)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    folder = models.CharField(_("folder"), max_length=200)
    facts = models.JSONField(_("facts"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("attribute table")
        verbose_name_plural = _("attribute tables")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
