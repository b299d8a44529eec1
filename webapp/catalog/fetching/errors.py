"""Why a picture or feed was not fetched."""

from __future__ import annotations

from ml.errors import SketchfindError

FIELD = "photo"


class FetchError(SketchfindError):
    """A picture or feed that cannot be fetched.

    transient: whether a later attempt may succeed. retry_after_s: how long its server asked to be left alone, in seconds.
    """

    def __init__(
        self, message: str, *, transient: bool = False, retry_after_s: float | None = None, **values: object
    ) -> None:
        super().__init__(FIELD, message, **values)
        self.transient = transient
        self.retry_after_s = retry_after_s


class RefusedAddressError(FetchError):
    """An address that the site does not contact, such as one of its own network."""
