"""What the site holds about a person: exported as JSON, or erased.

Apps register their own data on startup: `personal_data_register("votes", export=..., erase=...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User

Export = Callable[[User], Any]  # JSON-serialisable
Erase = Callable[[User], None]

_holders: dict[str, tuple[Export, Erase]] = {}


def personal_data_register(name: str, *, export: Export, erase: Erase) -> None:
    """Register what an app holds about a person, exported under `name`."""
    _holders[name] = (export, erase)


def personal_data_export(*, user: User) -> dict[str, Any]:
    """Return everything that the site holds about `user`, ready for JSON."""
    account = {
        "username": user.username,
        "email": user.email,
        "role": user.role,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "consented_at": user.consented_at,
    }
    tokens = list(user.api_tokens.values("name", "prefix", "created_at", "expires_at", "last_used_at"))
    held = {name: export(user) for name, (export, _) in sorted(_holders.items())}
    return {"exported_at": timezone.now(), "account": account, "api_tokens": tokens, **held}


@transaction.atomic
def personal_data_erase(*, user: User) -> None:
    """Anonymise `user`: delete name, email address, keys and sessions. The row stays, because others refer to it."""
    for _, erase in _holders.values():
        erase(user)
    user.api_tokens.all().delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    user.username, user.email = f"erased-{user.pk}", ""
    user.role, user.is_active = User.Role.VISITOR, False
    user.consented_at = user.last_login = None
    user.set_unusable_password()
    user.save()
