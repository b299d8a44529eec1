"""Django over ASGI with one thread per request, from the first middleware to the end of the answer.

Our middlewares and views are synchronous. Django's own handler would move each of them to a thread and back, some twenty
times per request, which costs more than a search.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import IO, Any, cast

import django
from asgiref.typing import ASGI3Application
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

_WHOLE_BYTES = 8_000_000


class ThreadedHandler(ASGIHandler):
    """Django's handler with its synchronous middleware chain.

    An answer is read completely and then sent, so that slow clients hold no thread. Only large streams, such as exports,
    are sent while they are read.
    """

    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(settings.REQUEST_THREADS, thread_name_prefix="http")

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop = asyncio.get_running_loop()

        def send_now(event: Mapping[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(_sent(send, event), loop).result()

        call = partial(copy_context().run, self._answered, scope, body, send_now)
        for event in await loop.run_in_executor(self._threads, call):
            await send(event)

    def _answered(
        self, scope: dict[str, Any], body: IO[bytes], send_now: Callable[[Mapping[str, Any]], None]
    ) -> list[dict[str, Any]]:
        """Return the events that are left to send; for a large stream there are none, since `send_now` took them."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        with body:
            request, refusal = self.create_request(scope, body)
            response = self.get_response(request) if request else cast(HttpResponseBase, refusal)
            try:
                if not _is_large(response):
                    return list(self._events(response, [b"".join(response)]))
                for event in self._events(response, response):
                    send_now(event)
                return []
            finally:
                response.close()  # signals that the request has finished, which closes this thread's connections

    def _events(self, response: HttpResponseBase, parts: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
        headers += [
            (b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()
        ]
        yield {"type": "http.response.start", "status": response.status_code, "headers": headers}
        for part in parts:
            for chunk, _ in self.chunk_bytes(part):
                yield {"type": "http.response.body", "body": chunk, "more_body": True}
        yield {"type": "http.response.body", "body": b"", "more_body": False}


def _is_large(response: HttpResponseBase) -> bool:
    """Return whether a streamed answer has, or may have, more bytes than are held in memory."""
    return response.streaming and int(response.headers.get("Content-Length", _WHOLE_BYTES + 1)) > _WHOLE_BYTES


async def _sent(send: Callable[[Mapping[str, Any]], Awaitable[None]], event: Mapping[str, Any]) -> None:
    await send(event)


def get_threaded_application() -> ASGI3Application:
    """Set up Django and return the application, like `get_asgi_application`."""
    django.setup(set_prefix=False)
    return cast(ASGI3Application, ThreadedHandler())
