"""The SKUs of a feed, while it is read: in a temporary file, since a set would grow with the feed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence


class SeenSkus(contextlib.AbstractContextManager["SeenSkus"]):
    """The SKUs of the feed so far and their rows."""

    def __enter__(self) -> SeenSkus:
        self.table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.table.execute("PRAGMA journal_mode=OFF")
        self.table.execute("CREATE TABLE seen (sku TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID")
        return self

    def __exit__(self, *_: object) -> None:
        self.table.close()

    def row_of(self, sku: str, row: int) -> int:
        """Return the first row with `sku`: `row` if it is new."""
        self.table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (sku, row))
        first: int = self.table.execute("SELECT row FROM seen WHERE sku = ?", (sku,)).fetchone()[0]
        return first

    def missing(self, skus: Sequence[str]) -> set[str]:
        """Return which of at most a few hundred SKUs the feed does not have."""
        marks = ",".join("?" * len(skus))
        found = self.table.execute(f"SELECT sku FROM seen WHERE sku IN ({marks})", list(skus)).fetchall()
        return set(skus) - {sku for (sku,) in found}
