"""The rate limit of logins per address, and the answer when it is exceeded."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from webapp.accounts import hashing
from webapp.http.client_address import client_address, limited_address
from webapp.stores.cache import counter_increment

_WINDOW_S = 60
_BUSY_WAIT_S = 2


class LoginRateError(Exception):
    """The address has tried too often; `wait_s` seconds until the next attempt is allowed."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts to sign in; retry in {wait_s} s")
        self.wait_s = wait_s


class LoginRateBackend(BaseBackend):
    """Comes before the backends that query the database or hash a password; authenticates nobody itself."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Raise LoginRateError after `SKETCHFIND_LOGIN_RATE` attempts of an address within a minute."""
        if request and counter_increment(_key(request), _WINDOW_S) > settings.LOGINS_PER_MIN:
            raise LoginRateError(_window_left_s())


class LoginRefusalMiddleware:
    """Answers 429 to refused logins. Logins that are bound to be refused are answered before they cost anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._path = reverse("admin:login")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path == self._path:
            if cache.get(_key(request), 0) >= settings.LOGINS_PER_MIN:
                return _refused(request, _window_left_s())
            if hashing.hashing_lock.full:
                return _refused(request, _BUSY_WAIT_S)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, LoginRateError):
            return _refused(request, error.wait_s)
        return _refused(request, _BUSY_WAIT_S) if isinstance(error, hashing.HashingBusyError) else None


def _key(request: HttpRequest) -> str:
    return f"login-{limited_address(client_address(request))}-{int(time()) // _WINDOW_S}"


def _window_left_s() -> int:
    return _WINDOW_S - int(time()) % _WINDOW_S


def _refused(request: HttpRequest, wait_s: int) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        text = _("Too many sign-in attempts. Try again in %(seconds)d seconds.") % {"seconds": wait_s}
    headers = {"Retry-After": str(wait_s)}
    return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8", headers=headers)
