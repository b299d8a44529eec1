"""The live search: a socket sends queries while its visitor draws, and only the newest one counts.

At most one query per socket is being answered. A newer one waits, replacing any other that waits: so answers come in
the order of their seqs, and the newest query is always answered. At most `LIVE_QUERIES_PER_S` queries per second are
answered; a socket that sends far more than that, or invalid messages, gets an error and is finally closed. Reading
every message is charged to the address, and messages of an address over its budget are read later.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

import structlog
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import close_old_connections
from django.utils import translation
from rest_framework import exceptions

from webapp.http.api.quick_json import json_of
from webapp.http.client_address import limited_address, socket_address
from webapp.http.limits.budget import IGNORED_MS, ORDINARY_BYTES, READ_MS_PER_MB, work
from webapp.http.problems import Problem, problem, problem_of
from webapp.input.parsing import parse_json
from webapp.input.text import InputError
from webapp.registry.releases import live
from webapp.registry.releases.live import LiveRelease
from webapp.search.answers import answer_sketch
from webapp.search.payloads import ErrorMessage, HelloMessage, ReleaseMessage, ResultsMessage
from webapp.search.serializers import search_request
from webapp.search.sockets.language import language_of
from webapp.search.sockets.limits import OpenSockets, TokenBucket
from webapp.sites.access import visit_check
from webapp.sites.known import KnownKey

log = structlog.get_logger(__name__)
T = TypeVar("T")

CLOSE_ABUSE = 4429
CLOSE_TOO_LARGE = 1009
_MESSAGES_PER_QUERY = 10  # messages per second that are read, for every one that is answered
_MAX_REFUSALS = 20  # messages refused before the socket is closed
# More threads than cores, so that queries can be batched; see `webapp.search.answering.batching`.
_pool = ThreadPoolExecutor(4 * (os.cpu_count() or 1), thread_name_prefix="live-search")
_sockets = OpenSockets()


class Query(NamedTuple):
    """A query that waits for its turn."""

    seq: int
    request: dict[str, Any]


class SearchConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """`/ws/search/`. Messages are the TypedDicts of `payloads`."""

    async def connect(self) -> None:
        self._address = limited_address(socket_address(self.scope))
        self._site_key: KnownKey | None = self.scope.get("site_key")
        self._language = language_of(self.scope)
        self._last_seq = -1
        self._waiting: Query | None = None
        self._waiting_is_small = True
        self._answering: asyncio.Task[None] | None = None
        self._refused = 0
        self._greeted = asyncio.Event()
        self._sent_number = 0  # of the pointer's move that the page has been told of
        rate = settings.LIVE_QUERIES_PER_S
        self._queries = TokenBucket(per_s=rate, burst=rate)
        self._messages = TokenBucket(per_s=_MESSAGES_PER_QUERY * rate, burst=_MESSAGES_PER_QUERY * rate)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._counted = _sockets.enter(self._address, settings.LIVE_SOCKETS_PER_ADDRESS)
        await self.accept()
        if not self._counted:
            max_sockets = settings.LIVE_SOCKETS_PER_ADDRESS
            await self._refuse(
                None, problem(429, f"{max_sockets} sockets are open from this address; close one")
            )
            await self.close(CLOSE_ABUSE)
            return
        loop = asyncio.get_running_loop()
        self._unsubscribe = live.subscribe(partial(_notify, loop, self))
        current = await _in_pool(live.current)
        hello: HelloMessage = {
            "type": "hello",
            "release": current.payload if current else None,
            "limits": {"max_in_flight": 1, "queries_per_s": rate},
        }
        await self.send(_text(hello))
        self._sent_number = current.number if current else 0
        self._greeted.set()

    async def disconnect(self, code: int) -> None:
        self._release()
        if self._answering:
            self._answering.cancel()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Pass a message to its handler, without the thread that Channels uses for its database connections."""
        await getattr(self, get_handler_name(message))(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._counted:
            return
        if wait_s := work.wait_s(self._address):
            await asyncio.sleep(wait_s)
        if self._messages.take():
            max_per_s = settings.LIVE_QUERIES_PER_S
            reason = problem(429, f"too many messages; {max_per_s} queries per second are answered")
            await self._refuse_counted(reason)
            return
        if text_data is None:
            await self._refuse_counted(problem(400, "messages are JSON text, not bytes"))
            return
        max_bytes = settings.JSON_MAX_BYTES
        if len(text_data) > max_bytes:
            work.charge(self._address, IGNORED_MS)
            await self._refuse(None, problem(413, f"message: more than {max_bytes} bytes"))
            await self._close(CLOSE_TOO_LARGE)
            return
        try:
            if len(text_data) <= ORDINARY_BYTES:  # under a millisecond in the event loop
                query = _parse_charged(text_data, self._address)
            else:
                query = await _in_pool(_parse_charged, text_data, self._address)
            if query.seq <= self._last_seq:
                raise exceptions.ValidationError(
                    {"seq": f"{query.seq} after {self._last_seq}; must increase"}
                )
        except (exceptions.APIException, InputError) as error:
            await self._refuse_counted(cast(Problem, problem_of(error)))
            return
        self._last_seq = query.seq
        self._waiting, self._waiting_is_small = query, len(text_data) <= ORDINARY_BYTES
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_waiting())

    async def _answer_waiting(self) -> None:
        """Answer the waiting query, and any that waits afterwards, until there is none."""
        while self._waiting:
            if wait_s := work.wait_s(self._address) or self._queries.take():
                await asyncio.sleep(wait_s)  # a newer query may replace this one in the meantime
                continue
            query, self._waiting = self._waiting, None
            args = query, self._language, self._address, self._waiting_is_small, self._site_key
            await self.send(await _in_pool(_answer_charged, *args))

    async def _refuse_counted(self, reason: Problem) -> None:
        """Send the error in a message, and charge for it; close the socket after too many."""
        work.charge(self._address, IGNORED_MS)
        self._refused += 1
        if self._refused > _MAX_REFUSALS:
            await self._close(CLOSE_ABUSE)
            return
        await self._refuse(None, reason)

    async def _close(self, code: int) -> None:
        """Close the socket. Messages that still arrive are ignored."""
        self._release()
        await self.close(code)

    def _release(self) -> None:
        self._unsubscribe()
        self._waiting = None
        if self._counted:
            _sockets.leave(self._address)
            self._counted = False

    async def _refuse(self, seq: int | None, reason: Problem) -> None:
        await self.send(_text(_error(seq, reason)))

    async def release_changed(self, release: LiveRelease) -> None:
        """Notify the page that another release answers from now on, unless the greeting already named it."""
        await self._greeted.wait()
        if release.number <= self._sent_number or not self._counted:
            return
        self._sent_number = release.number
        message: ReleaseMessage = {"type": "release", "release": release.payload}
        await self.send(_text(message))


def _notify(loop: asyncio.AbstractEventLoop, consumer: SearchConsumer, release: LiveRelease) -> None:
    """Notify a consumer; called by the follower's thread."""
    if not loop.is_closed():
        asyncio.run_coroutine_threadsafe(consumer.release_changed(release), loop)


async def _in_pool(function: Callable[..., T], *args: object) -> T:
    """Call a function in one of the process's few search threads, each of which has a database connection."""
    return await asyncio.get_running_loop().run_in_executor(_pool, copy_context().run, _call, function, *args)


def _call(function: Callable[..., T], *args: object) -> T:
    try:
        return function(*args)
    finally:
        close_old_connections()


def _parse(text: str) -> Query:
    """Return the query in a message.

    Raises InputError or ValidationError naming what is wrong; the sketch is validated later.
    """
    message = parse_json(text, "message")
    if not isinstance(message, dict) or message.get("type") != "query":
        raise exceptions.ValidationError({"type": 'expected an object with "type": "query"'})
    seq = message.get("seq")
    if type(seq) is not int or not 0 <= seq < 2**53:
        raise exceptions.ValidationError({"seq": "expected a whole number from 0"})
    return Query(seq, message)


def _parse_charged(text: str, address: str) -> Query:
    with work.charged(address, is_small=False, min_ms=len(text) / 1e6 * READ_MS_PER_MB):
        return _parse(text)


def _answer_charged(
    query: Query, language: str, address: str, is_small: bool, site_key: KnownKey | None
) -> str:
    with work.charged(address, is_small=is_small):
        return _answer(query, language, address, site_key)


def _answer(query: Query, language: str, address: str, site_key: KnownKey | None) -> str:
    """Return the answer to a query as JSON: results, or an error."""
    try:
        with translation.override(language):
            if site_key:
                visit_check(site_key, address)
            answer = answer_sketch(address=address, **search_request(query.request))
        results: ResultsMessage = {"type": "results", "seq": query.seq, **answer}
        return _text(results)
    except Exception as error:
        reason = problem_of(error)
        if reason is None:
            log.exception("live_search_failed", error=str(error))
            reason = problem(500, "The server failed; the error is in its log.")
        return _text(_error(query.seq, reason))


def _error(seq: int | None, reason: Problem) -> ErrorMessage:
    return {"type": "error", "seq": seq, "problem": reason}


def _text(message: Mapping[str, Any]) -> str:
    return json_of(message).decode()
