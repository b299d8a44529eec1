"""Shared searches."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_NAME, MAX_TEXT = 80, 100


def share_id() -> str:
    """Return 12 unguessable characters: 72 random bits."""
    return secrets.token_urlsafe(9)


class Share(models.Model):
    """A sketch and what its results were narrowed to, with a link that replays it. The same search has the same link."""

    id = models.CharField(primary_key=True, max_length=16, default=share_id, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    sketch = models.JSONField(_("sketch"))
    category = models.ForeignKey(
        "catalog.Category",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    name = models.CharField(_("recognised name"), max_length=MAX_NAME, blank=True)
    by_shape = models.BooleanField(_("ranked by shape"), default=False)
    text = models.CharField(_("words"), max_length=MAX_TEXT, blank=True)
    n_bytes = models.PositiveIntegerField(_("bytes"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    opened_at = models.DateTimeField(_("last opened"), null=True, editable=False)  # to the day

    class Meta:
        verbose_name = _("shared sketch")
        verbose_name_plural = _("shared sketches")
        ordering = ["-created_at"]
        constraints = [models.CheckConstraint(condition=~Q(id="") & ~Q(sha256=""), name="search_share_named")]

    def __str__(self) -> str:
        return self.id
