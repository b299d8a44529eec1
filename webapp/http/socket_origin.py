"""Pages may open a WebSocket if Django would accept their forms, by its own rule."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware


class SameOrigin:
    """Refuses a browser's WebSocket unless scheme, host and port of the page are the site's own, or trusted.

    Clients that send no Origin, so not browsers, are accepted only if any host name is (`ALLOWED_HOSTS` of "*").
    """

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "websocket"
        await (self.app if is_same_origin(scope) else WebsocketDenier())(scope, receive, send)


def is_same_origin(scope: Any) -> bool:
    """Return whether a WebSocket's page is the site's own, or trusted."""
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    request = ASGIRequest({**scope, "type": "http", "method": "GET", "scheme": scheme}, BytesIO())
    if "HTTP_ORIGIN" not in request.META:
        return "*" in settings.ALLOWED_HOSTS
    try:
        request.get_host()  # an attacker's host name that resolves here is not the site's
    except DisallowedHost:
        return False
    rule: Any = CsrfViewMiddleware(_no_view)
    return bool(rule._origin_verified(request))


def _no_view(request: HttpRequest) -> HttpResponse:
    raise AssertionError("never called; only the origin check is used")
