"""Views that a site's keys open: search, and reading products. All others refuse them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from time import time
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from webapp.http.client_address import client_address, limited_address
from webapp.http.limits.budget import charge_waive
from webapp.sites.known import KnownKey, public_key_known, secret_key_known, use_note
from webapp.sites.models import SECRET_PREFIX
from webapp.stores.cache import counter_increment

_WINDOW_S = 60


@dataclass(frozen=True)
class SecretAccess:
    """`request.auth` of a site's server. The address of a server does not count against the limits of visitors."""

    key: KnownKey
    has_own_rate: bool = True


class SiteKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_...`, by a site's server, which stays anonymous otherwise."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, SecretAccess] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip().startswith(SECRET_PREFIX):
            return None
        key = secret_key_known(secret.strip())
        if key is None:
            raise exceptions.AuthenticationFailed("The secret key is unknown or revoked.")
        use_note(key)
        charge_waive()
        return AnonymousUser(), SecretAccess(key)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SiteKeyThrottle(BaseThrottle):
    """The key's own rates: of its server, or of each visitor of its pages."""

    _wait_s = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, SecretAccess):
            self._wait_s = _taken(f"secret_{request.auth.key.id}", request.auth.key.secret_rate)
        elif key := page_key(request._request):
            self._wait_s = visit_wait_s(key, limited_address(client_address(request)))
        return not self._wait_s

    def wait(self) -> float:
        return self._wait_s


class ForSites(APIView):
    """A view that a site's keys open: its public key from the site's pages, its secret key from its server."""

    allows_site_keys = True
    explains_refusals = False  # to pages of any origin

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [SiteKeyAuthentication(), *super().get_authenticators()]

    def get_throttles(self) -> list[Any]:
        return [*super().get_throttles(), SiteKeyThrottle()]


def page_key(request: HttpRequest) -> KnownKey | None:
    """Return the key by which a page of another site requests, as `SiteKeyMiddleware` found it."""
    found: KnownKey | None = getattr(request, "site_key", None)
    return found


def visit_wait_s(key: KnownKey, address: str) -> float:
    """Count a request by a visitor of a site's pages. Return the seconds to wait if there were too many, else 0."""
    return _taken(f"public_{key.id}_{address}", key.public_rate)


def visit_check(key: KnownKey, address: str) -> None:
    """Count a query over a socket. Raises PermissionDenied if the key has been revoked since it was opened, Throttled."""
    if public_key_known(key.public_key) is None:
        raise exceptions.PermissionDenied(REVOKED)
    if wait_s := visit_wait_s(key, address):
        raise exceptions.Throttled(wait=ceil(wait_s))


REVOKED = "key: unknown or revoked; ask the shop's operator for another"


def _taken(ident: str, per_minute: int) -> float:
    window, since = divmod(time(), _WINDOW_S)
    if counter_increment(f"site_key_{ident}_{window:.0f}", 2 * _WINDOW_S) <= per_minute:
        return 0.0
    return _WINDOW_S - since
