"""Connections: only to checked addresses, and never beyond the deadline of the request.

A name is resolved once, and the connection goes to the address that was checked, so a name server that changes its
answer in between gains nothing. TLS still verifies the name, and the request's `Host` header names it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

import httpcore

from webapp.catalog.fetching.addresses import Policy

_ends: ContextVar[float] = ContextVar("request_ends")
SocketOptions = Iterable[httpcore.SOCKET_OPTION]


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound everything that this thread reads and writes in the `with` block, however slowly it trickles in."""
    token = _ends.set(monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float:
    left = _ends.get(float("inf")) - monotonic()
    if left <= 0:
        raise error("the whole transfer took too long")
    return min(left, 30.0 if timeout is None else timeout)


class CheckedNetwork(httpcore.NetworkBackend):
    """The network as the policy allows it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first allowed address that answers.

        Raises RefusedAddressError, FetchError if the name has no address, or httpcore's errors.
        """
        self._policy.check_port(host, port)
        failed: Exception | None = None
        for address in self._policy.addresses(host, port):
            try:
                stream = self._network.connect_tcp(
                    address, port, _left(timeout, httpcore.ConnectTimeout), local_address, socket_options
                )
                return _Stream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError("no address")


class _Stream(httpcore.NetworkStream):
    """A connection whose waits end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
