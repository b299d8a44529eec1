"""Fetch one picture or feed: redirects, limits, revalidation."""

from __future__ import annotations

import io
import ssl
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import IO

import certifi
import httpcore

from ml.errors import gettext_noop
from webapp.catalog.fetching.addresses import Policy
from webapp.catalog.fetching.answers import (
    REDIRECTS,
    Headers,
    check_picture,
    check_size,
    check_status,
    media_type,
)
from webapp.catalog.fetching.errors import FetchError
from webapp.catalog.fetching.network import CheckedNetwork, deadline
from webapp.catalog.fetching.targets import Target, target_of

_PICTURE_AGENT, _FEED_AGENT = "Sketchfind (product pictures)", "Sketchfind (product feeds)"
_FEED_TYPES = "text/csv, application/json, application/xml, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost. Times in seconds: of the whole transfer, to connect, and without a byte."""

    max_bytes: int
    total_s: float = 60.0
    connect_s: float = 8.0
    idle_s: float = 15.0
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said about its answer the last time; both may be empty."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> list[tuple[str, str]]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return [(name, value) for name, value in named.items() if value]


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password for HTTP's basic authentication."""

    user: str
    password: str

    def header(self) -> tuple[str, str]:
        return "Authorization", "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Received:
    """An answer; not `is_new`: unchanged since the validators that were sent. `kind`: its type, such as `text/csv`."""

    validators: Validators
    is_new: bool = True
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture; `data` is None if it has not changed since the validators that were sent."""

    data: bytes | None
    validators: Validators


class Fetcher:
    """Fetches pictures or feeds over kept connections; safe to use from several threads at once."""

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
        file = io.BytesIO()
        request = _Request(
            file, known, [("User-Agent", _PICTURE_AGENT), ("Accept", "image/*")], is_picture=True
        )
        received = self._followed(target_of(url), request)
        return Fetched(file.getvalue() if received.is_new else None, received.validators)

    def fetch_feed(
        self, url: str, file: IO[bytes], known: Validators = Validators(), login: Login | None = None
    ) -> Received:
        """Write the feed at a URL to `file`, unless it has not changed. Raises FetchError like `fetch`.

        login: for the URL's own scheme, host and port; no redirect to another one gets it.
        """
        headers = [("User-Agent", _FEED_AGENT), ("Accept", _FEED_TYPES)]
        return self._followed(target_of(url), _Request(file, known, headers, login))

    def _followed(self, target: Target, request: _Request) -> Received:
        first = target.origin
        try:
            with deadline(self._limits.total_s):
                for _ in range(self._limits.max_redirects + 1):
                    answer = self._asked(target, request, with_login=target.origin == first)
                    if isinstance(answer, Received):
                        return answer
                    target = answer
        except httpcore.TimeoutException as error:
            raise FetchError(gettext_noop("{host} is too slow"), host=target.host, transient=True) from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            why = str(error)[:200]
            template = gettext_noop("{host}: {why}") if why else gettext_noop("{host}: no answer")
            raise FetchError(template, host=target.host, why=why, transient=True) from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise FetchError(gettext_noop("{host}: {why}"), host=target.host, why=str(error)[:200]) from error
        raise FetchError(gettext_noop("more than {max} redirects"), max=self._limits.max_redirects)

    def _asked(self, target: Target, request: _Request, *, with_login: bool) -> Received | Target:
        limits = self._limits
        headers = [
            ("Host", target.authority),
            ("Accept-Encoding", "identity"),
            *request.headers,
            *request.known.headers(),
            *([request.login.header()] if request.login and with_login else []),
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
            if response.status == 304 and request.known.headers():
                return Received(request.known, is_new=False)
            check_status(response.status, found, now=datetime.now(UTC))
            if request.is_picture:
                check_picture(found)
            check_size(found, limits.max_bytes)
            self._copy(response, request.file)
        validators = Validators(found.validator("etag"), found.validator("last-modified"))
        return Received(validators, kind=media_type(found))

    def _copy(self, response: httpcore.Response, file: IO[bytes]) -> None:
        """Write the body to a file, read no further than the limit, whatever size was declared."""
        n_bytes = 0
        for chunk in response.iter_stream():
            n_bytes += len(chunk)
            if n_bytes > self._limits.max_bytes:
                raise FetchError(gettext_noop("more than {max} bytes"), max=self._limits.max_bytes)
            file.write(chunk)
        if not n_bytes:
            raise FetchError(gettext_noop("an empty answer"), transient=True)


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked of every server on the way, and where the answer goes."""

    file: IO[bytes]
    known: Validators
    headers: list[tuple[str, str]]
    login: Login | None = None
    is_picture: bool = False


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()  # an intranet's authority, installed on this machine or named by SSL_CERT_FILE
    return context
