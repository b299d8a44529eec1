"""Splits computed from keys, so that adding rows does not move others between splits."""

import hashlib
from collections.abc import Sequence
from typing import Literal

Split = Literal["train", "val", "test"]


def split_of(key: str, *, val: float, test: float) -> Split:
    """Return the split of a key, which depends only on its SHA-256.

    val, test: shares, 0 to 1. The first 8 bytes as a fraction of 2^64: below `test` is test, then val, then train.
    """
    fraction = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
    if fraction < test:
        return "test"
    return "val" if fraction < test + val else "train"


def split_shares(keys: Sequence[str], *, val: float, test: float) -> dict[str, Split]:
    """Return the split of each key of a group in exact shares, by rank of SHA-256: test first, then val, then train.

    Small groups keep their shares, whereas `split_of` may leave a group of twenty with a single test key. Adding a key
    may move one other.
    """
    ranked = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    n_test, n_val = round(test * len(ranked)), round(val * len(ranked))
    return {
        key: "test" if rank < n_test else "val" if rank < n_test + n_val else "train"
        for rank, key in enumerate(ranked)
    }
