"""Signing in to the API with a token: `Authorization: Bearer skf_...`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import exceptions, permissions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from webapp.accounts.models import ApiToken, User
from webapp.accounts.services import api_token_of

if TYPE_CHECKING:  # the framework imports this module while it builds its views
    from rest_framework.views import APIView


_UNKNOWN = "The API token is unknown, expired or its user is gone."
_SECRET_KEY = "A site's secret key opens search, products and categories only."


class ApiTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request | HttpRequest) -> tuple[User, ApiToken] | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = api_token_of(key=key.strip(), now=timezone.now())
        if token is None:
            raise exceptions.AuthenticationFailed(_SECRET_KEY if key.startswith("sk_") else _UNKNOWN)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsOperator(permissions.BasePermission):
    """Allow operators only, by session or token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, User) and request.user.is_operator


def operator_of(request: HttpRequest) -> User | None:
    """Return the operator who requests a plain view, by session or token."""
    user: object = request.user
    try:
        found = ApiTokenAuthentication().authenticate(request)
    except exceptions.AuthenticationFailed:
        return None
    if found:
        user = found[0]
    return user if isinstance(user, User) and user.is_operator else None


def is_operators(request: HttpRequest) -> bool:
    """Return whether an operator sent a request that no middleware has processed yet, by session or token."""
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    return operator_of(request) is not None
