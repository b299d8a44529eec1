"""Splits that depend on a key alone, so that adding rows never moves others between splits."""

import hashlib
from typing import Literal

Split = Literal["train", "val", "test"]


def split_of(key: str, *, val: float, test: float) -> Split:
    """The split of a key: the first 8 bytes of its SHA-256 as a fraction; below `test` is test, then val, then train."""
    fraction = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
    if fraction < test:
        return "test"
    return "val" if fraction < test + val else "train"
