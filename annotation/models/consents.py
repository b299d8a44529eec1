"""What participants of a campaign agree to, by version."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign

TEXTS = ("text", "contact", "privacy")


class ConsentVersion(models.Model):
    """One version of a campaign's consent text, contact and privacy notice. Never changed: an edit adds a version.

    `translations` holds the same texts in other languages: {"de": {"text", "contact", "privacy"}}.
    """

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="consents", verbose_name=_("campaign"), db_index=False
    )
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("consent text"))
    contact = models.TextField(_("contact"), blank=True)
    privacy = models.TextField(_("privacy notice"), blank=True)
    translations = models.JSONField(_("translations"), default=dict, blank=True)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["campaign", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="annotation_consent_once"),
            models.CheckConstraint(condition=~Q(text=""), name="annotation_consent_written"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}, version {self.number}"

    def in_language(self, name: str) -> str:
        """Return `text`, `contact` or `privacy` in the language of the request, else in the campaign's own."""
        translated: dict[str, Any] = self.translations.get(get_language() or "", {})
        return str(translated.get(name) or getattr(self, name))
