"""Identify workers by a signed token, in the header `Authorization: Worker ...` or in a cookie, or by account.

The token holds the worker's id and key. Erasure changes the key, which revokes the token. IP addresses are not used.
Browsers send cookies automatically, so requests with the cookie also need a CSRF token.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.models import Worker
from webapp.accounts.models import User

COOKIE = "sketchfind_worker"
_COOKIE_AGE_S = 365 * 24 * 3600
_SALT = "annotation.worker"
_CSRF = SessionAuthentication()


def token_of(worker: Worker) -> str:
    return signing.Signer(salt=_SALT).sign_object([worker.pk, worker.key])


def signed_worker(request: Request) -> tuple[int, str] | None:
    """Return the worker's id and key from the request's token, without a query; None without a valid token.

    Raises PermissionDenied if the token is a cookie and the CSRF check fails.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "worker":
        token = request.COOKIES.get(COOKIE, "")
        if token:
            _CSRF.enforce_csrf(request)
    try:
        worker_id, key = signing.Signer(salt=_SALT).unsign_object(token.strip())
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(worker_id), str(key)


def worker_of(request: Request) -> Worker | None:
    """Return the worker who sent the request."""
    if found := signed_worker(request):
        worker_id, key = found
        if worker := Worker.objects.filter(pk=worker_id, key=key, erased_at=None).first():
            return worker
    user = user_of(request)
    return Worker.objects.filter(user=user, erased_at=None).first() if user else None


def user_of(request: Request) -> User | None:
    """Return the signed-in user."""
    return request.user if isinstance(request.user, User) else None


def set_worker_cookie(response: Response, worker: Worker) -> None:
    """Set the worker's cookie, which scripts cannot read."""
    response.set_cookie(
        COOKIE,
        token_of(worker),
        max_age=_COOKIE_AGE_S,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
