"""The live release (stub)."""

from typing import Any


def current() -> Any:
    return None
