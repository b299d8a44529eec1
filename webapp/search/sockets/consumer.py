"""The live search: a socket asks while its visitor draws, and only the newest question counts.

One question at most is being answered a socket. A newer one waits in its place, and replaces the one that
waited: so answers come in the order of their seqs, and the newest question is always answered. Questions are
answered at most `LIVE_QUERIES_PER_S` a second; a socket that sends far more than that, or nonsense, is told so,
then closed. Reading every message is charged to the address, and an address that owes is read from later.
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
from webapp.input.parsing import json_parsed
from webapp.input.text import InputError
from webapp.registry.releases import live
from webapp.registry.releases.live import LiveRelease
from webapp.search.payloads import ErrorMessage, HelloMessage, ReleaseMessage, ResultsMessage
from webapp.search.serializers import SearchRequestSerializer
from webapp.search.services import answer_record, ready_release, search_sketch
from webapp.search.sockets.language import language_of
from webapp.search.sockets.limits import OpenSockets, TokenBucket

log = structlog.get_logger(__name__)
T = TypeVar("T")

CLOSED_FOR_ABUSE = 4429
CLOSED_FOR_SIZE = 1009
_MESSAGES_PER_QUERY = 10  # messages a second that are read, for every one that is answered
_REFUSALS = 20  # messages refused before the socket is closed
# More than cores, so that questions can wait together; see `webapp.search.together`.
_pool = ThreadPoolExecutor(4 * (os.cpu_count() or 1), thread_name_prefix="live-search")
_sockets = OpenSockets()


class Query(NamedTuple):
    """A question that waits for its turn."""

    seq: int
    request: dict[str, Any]


class SearchConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """`/ws/search/`. Messages are the TypedDicts of `payloads`."""

    async def connect(self) -> None:
        self._address = limited_address(socket_address(self.scope))
        self._language = language_of(self.scope)
        self._last_seq = -1
        self._waiting: Query | None = None
        self._waiting_is_small = True
        self._answering: asyncio.Task[None] | None = None
        self._refused = 0
        self._greeted = asyncio.Event()
        self._told = 0  # the pointer's move that the page knows of
        rate = settings.LIVE_QUERIES_PER_S
        self._queries = TokenBucket(per_s=rate, burst=rate)
        self._messages = TokenBucket(per_s=_MESSAGES_PER_QUERY * rate, burst=_MESSAGES_PER_QUERY * rate)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._counted = _sockets.enter(self._address, settings.LIVE_SOCKETS_PER_ADDRESS)
        await self.accept()
        if not self._counted:
            most = settings.LIVE_SOCKETS_PER_ADDRESS
            await self._refuse(None, problem(429, f"{most} sockets are open from this address; close one"))
            await self.close(CLOSED_FOR_ABUSE)
            return
        loop = asyncio.get_running_loop()
        self._unsubscribe = live.subscribe(partial(_tell, loop, self))
        current = await _in_pool(live.current)
        hello: HelloMessage = {
            "type": "hello",
            "release": current.payload if current else None,
            "limits": {"max_in_flight": 1, "queries_per_s": rate},
        }
        await self.send(_text(hello))
        self._told = current.number if current else 0
        self._greeted.set()

    async def disconnect(self, code: int) -> None:
        self._let_go()
        if self._answering:
            self._answering.cancel()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hands a message to its handler. Channels' own goes to a thread first, for connections that we don't have."""
        await getattr(self, get_handler_name(message))(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._counted:
            return
        if wait_s := work.wait_s(self._address):
            await asyncio.sleep(wait_s)
        if self._messages.take():
            most = settings.LIVE_QUERIES_PER_S
            why = problem(429, f"too many messages; {most} queries a second are answered")
            await self._refuse_counted(why)
            return
        if text_data is None:
            await self._refuse_counted(problem(400, "messages are JSON text, not bytes"))
            return
        most = settings.JSON_MAX_BYTES
        if len(text_data) > most:
            work.charge(self._address, IGNORED_MS)
            await self._refuse(None, problem(413, f"message: more than {most} bytes"))
            await self._close(CLOSED_FOR_SIZE)
            return
        try:
            if len(text_data) <= ORDINARY_BYTES:  # under a millisecond in the event loop
                query = _parsed_charged(text_data, self._address)
            else:
                query = await _in_pool(_parsed_charged, text_data, self._address)
            if query.seq <= self._last_seq:
                raise exceptions.ValidationError({"seq": f"{query.seq} after {self._last_seq}; it must grow"})
        except (exceptions.APIException, InputError) as error:
            await self._refuse_counted(cast(Problem, problem_of(error)))
            return
        self._last_seq = query.seq
        self._waiting, self._waiting_is_small = query, len(text_data) <= ORDINARY_BYTES
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_waiting())

    async def _answer_waiting(self) -> None:
        """Answers the question that waits, and whichever waits then, until none does."""
        while self._waiting:
            if wait_s := work.wait_s(self._address) or self._queries.take():
                await asyncio.sleep(wait_s)  # a newer question may take this one's place meanwhile
                continue
            query, self._waiting = self._waiting, None
            asked = query, self._language, self._address, self._waiting_is_small
            await self.send(await _in_pool(_answered_charged, *asked))

    async def _refuse_counted(self, why: Problem) -> None:
        """Tells what is wrong with a message, and charges for it; closes the socket after too many."""
        work.charge(self._address, IGNORED_MS)
        self._refused += 1
        if self._refused > _REFUSALS:
            await self._close(CLOSED_FOR_ABUSE)
            return
        await self._refuse(None, why)

    async def _close(self, code: int) -> None:
        """Closes the socket; what still arrives on it is not read."""
        self._let_go()
        await self.close(code)

    def _let_go(self) -> None:
        self._unsubscribe()
        self._waiting = None
        if self._counted:
            _sockets.leave(self._address)
            self._counted = False

    async def _refuse(self, seq: int | None, why: Problem) -> None:
        await self.send(_text(_error(seq, why)))

    async def release_changed(self, release: LiveRelease) -> None:
        """Tells the visitor's page that another release answers from now on, unless the greeting told it."""
        await self._greeted.wait()
        if release.number <= self._told or not self._counted:
            return
        self._told = release.number
        message: ReleaseMessage = {"type": "release", "release": release.payload}
        await self.send(_text(message))


def _tell(loop: asyncio.AbstractEventLoop, consumer: SearchConsumer, release: LiveRelease) -> None:
    """Called by the follower's thread."""
    if not loop.is_closed():
        asyncio.run_coroutine_threadsafe(consumer.release_changed(release), loop)


async def _in_pool(function: Callable[..., T], *args: object) -> T:
    """Calls a function in one of the process's few search threads, each of which has a database connection."""
    return await asyncio.get_running_loop().run_in_executor(
        _pool, copy_context().run, _called, function, *args
    )


def _called(function: Callable[..., T], *args: object) -> T:
    try:
        return function(*args)
    finally:
        close_old_connections()


def _parsed(text: str) -> Query:
    """The query in a message.

    Raises InputError or ValidationError naming what is wrong; the sketch is checked later.
    """
    message = json_parsed(text, "message")
    if not isinstance(message, dict) or message.get("type") != "query":
        raise exceptions.ValidationError({"type": 'an object with "type": "query" is needed'})
    seq = message.get("seq")
    if type(seq) is not int or not 0 <= seq < 2**53:
        raise exceptions.ValidationError({"seq": "a whole number from 0 is needed"})
    return Query(seq, message)


def _parsed_charged(text: str, address: str) -> Query:
    with work.charged(address, is_small=False, least_ms=len(text) / 1e6 * READ_MS_PER_MB):
        return _parsed(text)


def _answered_charged(query: Query, language: str, address: str, is_small: bool) -> str:
    with work.charged(address, is_small=is_small):
        return _answered(query, language)


def _answered(query: Query, language: str) -> str:
    """The answer to a query as JSON: results, or an error."""
    try:
        with translation.override(language):
            asked = SearchRequestSerializer(data=query.request)
            asked.is_valid(raise_exception=True)
            answer = search_sketch(live=ready_release(), **asked.validated_data)
            answer_record(answer, **asked.validated_data)
        results: ResultsMessage = {"type": "results", "seq": query.seq, **answer}
        return _text(results)
    except Exception as error:
        why = problem_of(error)
        if why is None:
            log.exception("live_search_failed", error=str(error))
            why = problem(500, "The server failed; the failure is logged.")
        return _text(_error(query.seq, why))


def _error(seq: int | None, why: Problem) -> ErrorMessage:
    return {"type": "error", "seq": seq, "problem": why}


def _text(message: Mapping[str, Any]) -> str:
    return json_of(message).decode()
