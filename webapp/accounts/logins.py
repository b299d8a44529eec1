"""How often an address may try to sign in, and what it is told when that was too often."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from webapp.accounts.hashing import HashingBusyError
from webapp.cache import times_counted
from webapp.client_address import client_address, limited_address

_WINDOW_S = 60
_BUSY_WAIT_S = 2


class LoginRateError(Exception):
    """The address has tried too often; `wait_s` seconds until it may again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts to sign in; {wait_s} s to wait")
        self.wait_s = wait_s


class LoginRateBackend(BaseBackend):
    """Comes before the backends that ask the database or hash a password; knows nobody itself."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Raises LoginRateError after `LOGIN_RATE` attempts of an address within a minute."""
        if request is None:
            return
        now = time()
        key = f"login-{limited_address(client_address(request))}-{int(now) // _WINDOW_S}"
        if times_counted(key, _WINDOW_S) > settings.LOGINS_PER_MIN:
            raise LoginRateError(_WINDOW_S - int(now) % _WINDOW_S)


class LoginRefusalMiddleware:
    """Answers 429 to a login that `LoginRateBackend` refused, or that came while too many others were checked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, LoginRateError):
            wait_s = error.wait_s
        elif isinstance(error, HashingBusyError):
            wait_s = _BUSY_WAIT_S
        else:
            return None
        text = _("Too many attempts to sign in. Try again in %(seconds)d seconds.") % {"seconds": wait_s}
        headers = {"Retry-After": str(wait_s)}
        return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8", headers=headers)
