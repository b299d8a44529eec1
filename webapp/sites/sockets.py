"""The live search's WebSocket, for pages of a key's origins: `/ws/search/?key=pk_...`."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qs

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from channels.db import database_sync_to_async
from channels.security.websocket import WebsocketDenier

from webapp.http.socket_origin import SameOrigin, is_same_origin
from webapp.sites.known import KnownKey, public_key_known, use_note

PATH = "/ws/search/"


class SiteOrigin:
    """Accepts a page of the site itself, like `SameOrigin`; for the live search also pages of a key's origins.

    The key is `scope["site_key"]`, also for our own pages that name one: they are embedded in another site's.
    """

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app
        self._same = SameOrigin(app)

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "websocket"
        given = _key_given(scope)
        if given is None:
            await self._same(scope, receive, send)
            return
        key = await database_sync_to_async(_known)(given)
        if key is None or not (_origin(scope) in key.origins or is_same_origin(scope)):
            await WebsocketDenier()(scope, receive, send)
            return
        await self.app(cast(Scope, {**scope, "site_key": key}), receive, send)


def _known(given: str) -> KnownKey | None:
    key = public_key_known(given)
    if key:
        use_note(key)
    return key


def _key_given(scope: Any) -> str | None:
    if scope["path"] != PATH:
        return None
    return next(iter(parse_qs(scope.get("query_string", b"").decode("latin1")).get("key", [])), None)


def _origin(scope: Any) -> str:
    return next((value.decode("latin1") for name, value in scope["headers"] if name == b"origin"), "")
