"""Users with one role each, and their API tokens."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Create a user, by default a visitor. Without a password nobody can sign in as them."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Create an operator; the name is Django's."""
        return self.create_user(username, password, **{**fields, "role": User.Role.OPERATOR})


class User(AbstractBaseUser):
    """A person with one role. Operators may do everything; there are no finer permissions."""

    class Role(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        WORKER = "worker", _("Worker")
        OPERATOR = "operator", _("Operator")

    username = models.CharField(
        _("username"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    email = models.EmailField(_("email"), blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.VISITOR)
    is_active = models.BooleanField(_("can sign in"), default=True)
    consented_at = models.DateTimeField(_("consented to research use"), null=True, blank=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["visitor", "worker", "operator"]),
                name="accounts_user_role_known",
            )
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_operator(self) -> bool:
        return self.is_active and self.role == self.Role.OPERATOR

    # What Django's admin requires of a user:

    @property
    def is_staff(self) -> bool:
        return self.is_operator

    @property
    def is_superuser(self) -> bool:
        return self.is_operator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_operator

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_operator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_operator


class ApiToken(models.Model):
    """A key that gives access to the API as its user. Only its SHA-256 is stored, so a stolen database is no use.

    A plain hash suffices, because the key is 32 random bytes and no dictionary attack can find it.
    """

    user = models.ForeignKey(
        "accounts.User", models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("purpose"))
    prefix = models.CharField(_("prefix"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="accounts_apitoken_name_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()

    def is_valid_at(self, now: datetime) -> bool:
        return self.user.is_active and (self.expires_at is None or now < self.expires_at)
