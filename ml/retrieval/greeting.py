"""What an index says of its catalogue to visitors who have not drawn yet: sketches traced from its photos, and words.

Versioned JSON beside the index's arrays; an index of an earlier version has none.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ml.errors import IndexMismatchError

GREETING = "greeting.json"
VERSION = 1


@dataclass(frozen=True)
class Greeting:
    """sketches: an item's id and a sketch of its photo, as in the API. words: by language, such as "red"."""

    sketches: tuple[tuple[int, dict[str, Any]], ...] = ()
    words: dict[str, tuple[str, ...]] | None = None

    def content(self) -> bytes:
        """Return the file's content."""
        return json.dumps({"version": VERSION, **asdict(self)}, separators=(",", ":")).encode()

    @classmethod
    def read(cls, path: Path) -> Greeting:
        """Read a file. Raises IndexMismatchError if it is of another version."""
        raw = json.loads(path.read_text())
        if raw.get("version") != VERSION:
            raise IndexMismatchError(str(path), f"version {raw.get('version')}; build the index again")
        words = {language: tuple(found) for language, found in (raw["words"] or {}).items()}
        return cls(tuple((int(item), sketch) for item, sketch in raw["sketches"]), words)
