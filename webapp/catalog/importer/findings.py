"""What an import has to say about a row or the feed as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from ml.errors import SketchfindError


class FeedError(SketchfindError):
    """A feed or its pictures that cannot be imported at all."""


class RowError(SketchfindError):
    """A row that is refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that was refused, or taken but worth a look. `sku` is empty where the row's is no use."""

    row: int
    sku: str
    field: str
    why: str
    refused: bool
