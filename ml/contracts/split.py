"""Splits that depend on a key alone, so that adding rows never moves others between splits."""

import hashlib
from collections.abc import Sequence
from typing import Literal

Split = Literal["train", "val", "test"]


def split_of(key: str, *, val: float, test: float) -> Split:
    """The split of a key: the first 8 bytes of its SHA-256 as a fraction; below `test` is test, then val, then train."""
    fraction = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
    if fraction < test:
        return "test"
    return "val" if fraction < test + val else "train"


def split_shares(keys: Sequence[str], *, val: float, test: float) -> dict[str, Split]:
    """The split of each key of one group, in exact shares: by rank of SHA-256: test first, then val.

    Small groups keep their shares, where `split_of` may leave a group of twenty with a single test key; a key that is
    added may move one other.
    """
    ranked = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    n_test, n_val = round(test * len(ranked)), round(val * len(ranked))
    return {
        key: "test" if rank < n_test else "val" if rank < n_test + n_val else "train"
        for rank, key in enumerate(ranked)
    }
