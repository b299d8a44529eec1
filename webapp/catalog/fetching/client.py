"""Fetch one picture: redirects, limits, revalidation."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

import certifi
import httpcore

from webapp.catalog.fetching.addresses import Policy
from webapp.catalog.fetching.answers import REDIRECTS, Headers, check_headers, check_status
from webapp.catalog.fetching.errors import FetchError
from webapp.catalog.fetching.network import CheckedNetwork, deadline
from webapp.catalog.fetching.targets import Target, target_of

_AGENT = "Sketchfind (product pictures)"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost. Times in seconds: of the whole transfer, to connect, and without a byte."""

    max_bytes: int
    total_s: float = 60.0
    connect_s: float = 8.0
    idle_s: float = 15.0
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said about its picture the last time; both may be empty."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> list[tuple[str, str]]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return [(name, value) for name, value in named.items() if value]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture; `data` is None if it has not changed since the validators that were sent."""

    data: bytes | None
    validators: Validators


class Fetcher:
    """Fetches pictures over kept connections; safe to use from several threads at once."""

    def __init__(self, policy: Policy, limits: Limits, *, tls: ssl.SSLContext | None = None) -> None:
        """tls: certificates to trust, by default those of the web's authorities and of this machine."""
        self._limits = limits
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or _trust(),
            max_connections=32,
            max_keepalive_connections=16,
            keepalive_expiry=10.0,
            network_backend=CheckedNetwork(policy),
        )

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def fetch(self, url: str, known: Validators = Validators()) -> Fetched:
        """Return the picture at a URL, following redirects, each to an address checked anew.

        Raises FetchError naming what is wrong with the URL, the server or its answer.
        """
        target = target_of(url)
        try:
            with deadline(self._limits.total_s):
                for _ in range(self._limits.max_redirects + 1):
                    answer = self._request(target, known)
                    if isinstance(answer, Fetched):
                        return answer
                    target = answer
        except httpcore.TimeoutException as error:
            raise FetchError(f"{target.host} is too slow", transient=True) from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise FetchError(f"{target.host}: {str(error) or 'no answer'}"[:200], transient=True) from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise FetchError(f"{target.host}: {error}"[:200]) from error
        raise FetchError(f"more than {self._limits.max_redirects} redirects")

    def _request(self, target: Target, known: Validators) -> Fetched | Target:
        limits = self._limits
        headers = [
            ("Host", target.authority),
            ("User-Agent", _AGENT),
            ("Accept", "image/*"),
            ("Accept-Encoding", "identity"),
            *known.headers(),
        ]
        timeout = {"connect": limits.connect_s, "read": limits.idle_s, "write": limits.idle_s, "pool": 30.0}
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        with self._pool.stream("GET", url, headers=headers, extensions={"timeout": timeout}) as response:
            found = Headers(response.headers)
            if response.status in REDIRECTS and (location := found.get("location")):
                return target.redirected(location)
            if response.status == 304 and known.headers():
                return Fetched(None, known)
            check_status(response.status, found, now=datetime.now(UTC))
            check_headers(found, limits.max_bytes)
            data = self._body(response)
        return Fetched(data, Validators(found.validator("etag"), found.validator("last-modified")))

    def _body(self, response: httpcore.Response) -> bytes:
        """Return the body, read no further than the limit, whatever size was declared."""
        data = bytearray()
        for chunk in response.iter_stream():
            data += chunk
            if len(data) > self._limits.max_bytes:
                raise FetchError(f"more than {self._limits.max_bytes} bytes")
        if not data:
            raise FetchError("an empty answer", transient=True)
        return bytes(data)


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()  # an intranet's authority, installed on this machine or named by SSL_CERT_FILE
    return context
