"""Changes to accounts that touch more than one row."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from webapp.accounts.models import ApiToken, User
from webapp.stores.full_disk import write_or_log

_KEY_PREFIX = "skf_"
_LAST_USED_RESOLUTION = timedelta(minutes=1)


def api_token_create(*, user: User, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """Create a token. Return it with its key, which is not stored."""
    key = _KEY_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, prefix=key[:9], digest=ApiToken.digest_of(key), expires_at=expires_at
    )
    return token, key


def api_token_of(*, key: str, now: datetime) -> ApiToken | None:
    """Return the valid token with this key. Its use is recorded at most once per minute, to spare writes."""
    token = ApiToken.objects.select_related("user").filter(digest=ApiToken.digest_of(key)).first()
    if token is None or not token.is_valid_at(now):
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _LAST_USED_RESOLUTION)
    if token.last_used_at is None or token.last_used_at < now - _LAST_USED_RESOLUTION:
        write_or_log(
            lambda: ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now), "token use"
        )
    return token


@transaction.atomic
def operator_create(*, username: str, password: str | None, email: str = "") -> User:
    """Create an operator, or make the existing user of that name one, with this password."""
    user = User.objects.select_for_update().filter(username=username).first() or User(username=username)
    user.role, user.is_active = User.Role.OPERATOR, True
    user.email = email or user.email
    user.set_password(password)
    user.save()
    return user
