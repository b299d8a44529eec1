"""Shares with their uncertainty, as JSON."""

from __future__ import annotations

from typing import Any

from annotation.consensus.workers import wilson


def share_payload(n: int, total: int) -> dict[str, Any] | None:
    """Return the share `n / total` with its 95 % interval (Wilson); None if `total` is 0."""
    if not total:
        return None
    low, high = wilson(n, total)
    return {"share": n / total, "low": round(low, 6), "high": round(high, 6), "n": total}
