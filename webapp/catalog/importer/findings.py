"""Errors and findings of an import, for a row or for the feed as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from ml.errors import SketchfindError


class FeedError(SketchfindError):
    """A feed, or its pictures, cannot be imported at all."""


class RowError(SketchfindError):
    """A row is refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that was refused, or imported with a warning. `sku` is empty if the row's is invalid."""

    row: int
    sku: str
    field: str
    why: str
    refused: bool

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.row}", self.sku])) + f": {self.field}: {self.why}"
