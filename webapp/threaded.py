"""Django over ASGI with one thread per request, from its middlewares to the end of its answer.

Our middlewares and views are synchronous. Django's own handler takes each of them to a thread and back by itself, some
twenty times per request, which costs more than a search.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
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


class ThreadedHandler(ASGIHandler):
    """Django's handler with its synchronous chain of middlewares. A streamed answer is read whole, then sent."""

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
        call = partial(copy_context().run, self._answered, scope, body)
        for event in await asyncio.get_running_loop().run_in_executor(self._threads, call):
            await send(event)

    def _answered(self, scope: dict[str, Any], body: IO[bytes]) -> list[dict[str, Any]]:
        """The events of the answer."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        with body:
            request, refusal = self.create_request(scope, body)
            response = self.get_response(request) if request else cast(HttpResponseBase, refusal)
            try:
                return list(self._events(response))
            finally:
                response.close()  # tells that the request has finished, which closes this thread's connections

    def _events(self, response: HttpResponseBase) -> Iterator[dict[str, Any]]:
        headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
        headers += [
            (b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()
        ]
        yield {"type": "http.response.start", "status": response.status_code, "headers": headers}
        for chunk, last in self.chunk_bytes(b"".join(response)):
            yield {"type": "http.response.body", "body": chunk, "more_body": not last}


def get_threaded_application() -> ASGI3Application:
    """Sets Django up, as `get_asgi_application` does."""
    django.setup(set_prefix=False)
    return cast(ASGI3Application, ThreadedHandler())
