"""What a response's status and headers mean for what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ml.errors import gettext_noop
from webapp.catalog.fetching.errors import FetchError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524})
_UNSPECIFIC = frozenset(
    {"", "application/octet-stream", "binary/octet-stream"}
)  # as buckets say of most files
_MAX_RETRY_AFTER_S = 6 * 3600.0
_VALIDATOR_CHARACTERS = 200


class Headers:
    """A response's headers by lower-case name; the first of several counts."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())

    def get(self, name: str) -> str:
        """Return a header's value, empty if it is missing."""
        return self._values.get(name, "")

    def validator(self, name: str) -> str:
        """Return an ETag or Last-Modified to send back later; empty if it is missing or not worth keeping."""
        value = self.get(name)
        return (
            value if len(value) <= _VALIDATOR_CHARACTERS and value.isascii() and value.isprintable() else ""
        )


def check_status(status: int, headers: Headers, *, now: datetime) -> None:
    """Raise FetchError unless the status is 200."""
    if status == 200:
        return
    transient = status in _TRANSIENT
    wait = _retry_after(headers.get("retry-after"), now) if transient else None
    raise FetchError(
        gettext_noop("the server answers {status}"), status=status, transient=transient, retry_after_s=wait
    )


def media_type(headers: Headers) -> str:
    """Return the body's type without its parameters, such as `text/csv`."""
    return headers.get("content-type").partition(";")[0].strip().lower()


def check_picture(headers: Headers) -> None:
    """Raise FetchError if the body is not a picture."""
    kind = media_type(headers)
    if kind not in _UNSPECIFIC and not kind.startswith("image/"):
        raise FetchError(gettext_noop("{kind}, not a picture"), kind=kind[:80])


def check_size(headers: Headers, max_bytes: int) -> None:
    """Raise FetchError if the body is compressed once more, or is declared too large."""
    # A body may unpack to far more than was received.
    if (encoding := headers.get("content-encoding").lower()) not in {"", "identity"}:
        raise FetchError(
            gettext_noop("content-encoding {encoding}, although none was accepted"), encoding=encoding[:40]
        )
    declared = headers.get("content-length")
    if declared.isdecimal() and int(declared[:18]) > max_bytes:
        raise FetchError(
            gettext_noop("{declared} bytes, at most {max}"), declared=declared[:18], max=max_bytes
        )


def _retry_after(text: str, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, in seconds or as a date; None without a readable one."""
    if text.isdecimal():
        return min(float(text[:9]), _MAX_RETRY_AFTER_S)
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max(0.0, (date - now).total_seconds()), _MAX_RETRY_AFTER_S)
