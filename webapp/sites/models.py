"""SiteKey: a site of others that may search here, from its pages or from its server."""

from __future__ import annotations

import hashlib
import secrets

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PUBLIC_PREFIX, SECRET_PREFIX = "pk_", "sk_"
_SHOWN_CHARACTERS = 8  # of a secret, to tell it from others


def new_public_key() -> str:
    return PUBLIC_PREFIX + secrets.token_urlsafe(18)


class SiteKey(models.Model):
    """A site with its two keys.

    The public key stands in its pages and works only from its origins. The secret key is for its server; only the SHA-256
    is stored, which suffices because it is 32 random bytes.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    public_key = models.CharField(_("public key"), max_length=40, unique=True, default=new_public_key)
    origins = models.JSONField(
        _("origins"), default=list, blank=True, help_text=_("of the pages that may embed the search")
    )
    public_rate = models.PositiveIntegerField(
        _("searches per minute and visitor"), default=600, validators=[MinValueValidator(1)]
    )
    secret_prefix = models.CharField(max_length=12, blank=True, editable=False)
    secret_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)
    secret_rate = models.PositiveIntegerField(
        _("server requests per minute"), default=1200, validators=[MinValueValidator(1)]
    )
    active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("site key")
        verbose_name_plural = _("site keys")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="sites_sitekey_name_given"),
            models.CheckConstraint(
                condition=Q(public_rate__gt=0, secret_rate__gt=0), name="sites_sitekey_rates_positive"
            ),
            models.CheckConstraint(
                condition=Q(secret_digest=None, secret_prefix="")
                | (Q(secret_digest__isnull=False) & ~Q(secret_prefix="")),
                name="sites_sitekey_secret_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def replace_public_key(self) -> None:
        """Give the site another public key; the old one stops working."""
        self.public_key = new_public_key()

    def replace_secret_key(self) -> str:
        """Give the site another secret key and return it. It cannot be read again."""
        secret = SECRET_PREFIX + secrets.token_urlsafe(32)
        self.secret_prefix = secret[:_SHOWN_CHARACTERS]
        self.secret_digest = self.digest_of(secret)
        return secret
