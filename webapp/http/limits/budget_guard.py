"""Refuse searches and large bodies of an address over its budget before reading them, which is most of the cost."""

from __future__ import annotations

from math import ceil

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from django.conf import settings

from webapp.http.client_address import limited_address, socket_address
from webapp.http.limits.budget import is_small, work
from webapp.http.problems import problem_send

_API, _CHARGED = "/api/", ("/api/v1/search", "/api/v1/shares/")


class BudgetGuard:
    """Wraps an ASGI application that reads the whole body before a view's throttles run."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        if _is_charged(scope):
            address = limited_address(socket_address(dict(scope)))
            if wait_s := ceil(work.wait_s(address)):
                detail = f"Request was throttled. Expected available in {wait_s} seconds."
                await problem_send(send, 429, detail, {"Retry-After": str(wait_s)})
                return
        await self.app(scope, receive, send)


def _is_charged(scope: HTTPScope) -> bool:
    """Return whether a request is charged. Votes are small and never are; the middleware handles credentials."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or not scope["path"].startswith(_API):
        return False
    if scope["path"].startswith(_CHARGED):
        return True
    headers = {name: value.decode("latin1") for name, value in scope["headers"]}
    has_credentials = headers.get(b"authorization", "").lower().startswith(
        "bearer "
    ) or f"{settings.SESSION_COOKIE_NAME}=" in headers.get(b"cookie", "")
    small = is_small(headers.get(b"content-length", ""), headers.get(b"transfer-encoding", ""))
    return not small and not has_credentials
