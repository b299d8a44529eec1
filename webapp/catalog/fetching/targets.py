"""Which URLs may be requested, and how they are written in a request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from ml.errors import gettext_noop
from webapp.catalog.fetching.errors import FetchError, RefusedAddressError
from webapp.input.hosts import NumericHostError, host_read

MAX_CHARACTERS = 2_000
_PORTS = {"http": 80, "https": 443}
# Characters that a path or query may contain as they are; `%` since most feeds escape the others already.
_PLAIN = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in the parts of a request. `host` is ASCII, without brackets; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The request's header `Host`, by which requests are also counted per server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def redirected(self, location: str) -> Target:
        """Return where a response leads. Raises FetchError like `target_of`, and if it leads from https to http."""
        target = target_of(urljoin(self.url, location))
        if self.scheme == "https" and target.scheme == "http":
            raise FetchError(gettext_noop("redirects from https to http"))
        return target


def is_url(reference: str) -> bool:
    """Return whether a feed's reference to a picture is a URL rather than a file name."""
    return reference[:8].lower().startswith(("http://", "https://"))


def target_of(url: str) -> Target:
    """Return the parts of an http or https URL. Raises FetchError if it is invalid or names credentials."""
    if len(url) > MAX_CHARACTERS:
        raise FetchError(
            gettext_noop("a URL of {n} characters, at most {max}"), n=len(url), max=MAX_CHARACTERS
        )
    if any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise FetchError(gettext_noop("a URL with a control character"))
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise FetchError(gettext_noop("not a valid URL: {why}"), why=error) from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise FetchError(
            gettext_noop("{scheme}: only http and https are fetched"), scheme=scheme or "no scheme"
        )
    if "@" in parts.netloc:
        raise FetchError(gettext_noop("a URL with a user name or password"))
    if not parts.hostname or "\\" in parts.netloc or port == 0:
        raise FetchError(gettext_noop("a URL without a valid host"))
    path = quote(parts.path or "/", safe=_PLAIN)
    query = f"?{quote(parts.query, safe=_PLAIN)}" if parts.query else ""
    return Target(scheme, _host(parts.hostname), port or _PORTS[scheme], path + query)


def _host(name: str) -> str:
    try:
        return host_read(name).rstrip(".")
    except NumericHostError as error:
        raise RefusedAddressError(
            gettext_noop("{host}: not written as an IPv4 address"), host=name[:80]
        ) from error
    except ValueError as error:
        why = (
            gettext_noop("{name}: not an address") if ":" in name else gettext_noop("{name}: not a host name")
        )
        raise FetchError(why, name=name[:80]) from error
