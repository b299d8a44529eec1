"""Errors and findings of an import, for a row or for the feed as a whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.errors import SketchfindError
from webapp.input.messages import message_text

MAX_WHY, MAX_FIELD = 300, 80


class FeedError(SketchfindError):
    """A feed, or its pictures, cannot be imported at all."""


class RowError(SketchfindError):
    """A row is refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that was refused, or imported with a warning. `sku` is empty if the row's is invalid.

    why: in English, with places for `values`, as `ml.errors.SketchfindError` has them.
    """

    row: int
    sku: str
    field: str
    why: str
    refused: bool
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, error: SketchfindError, *, row: int, sku: str, column: str, refused: bool) -> Finding:
        """Return the finding of an error in a row; `column`: how the feed calls its field."""
        return cls(row, sku, column[:MAX_FIELD], error.template[:MAX_WHY], refused, error.values)

    @property
    def text(self) -> str:
        """Why, in the active language."""
        return message_text(self.why, self.values)

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.row}", self.sku])) + f": {self.field}: {self.text}"
