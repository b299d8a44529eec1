"""An honest visitor's figures, alone and beside one misbehaving client."""

from __future__ import annotations

from time import sleep
from typing import Any

from tools.hostile.honest import visit
from tools.hostile.site import Site

_VISITOR = "127.0.0.2"
_SETTLED_S = 2.0  # until the budget that a row's client has saved up is spent
_RATIOS = {"ratio": "p50_ms", "live_ratio": "live_p50_ms"}


def alone(site: Site, for_s: float) -> dict[str, Any]:
    """Return milliseconds over REST and over a WebSocket, failures, and the site's peak memory in MB."""
    with site.peak_memory() as peak:
        waited = visit(site.target(_VISITOR), for_s)
    return {
        "p50_ms": round(waited.rest.percentile(50), 1),
        "p95_ms": round(waited.rest.percentile(95), 1),
        "failures": waited.rest.failures,
        "live_p50_ms": round(waited.live.percentile(50), 1),
        "live_p95_ms": round(waited.live.percentile(95), 1),
        "live_failures": waited.live.failures,
        "memory_mb": round(peak[0]),
    }


def beside(site: Site, row: str, number: int, for_s: float) -> dict[str, Any]:
    """Return the same while a row's client misbehaves, with the medians alone just before, and the ratios to them.

    number: of the address that it comes from, whose limits no other row should have used up.
    """
    undisturbed = alone(site, for_s / 2)
    with site.misbehaving(row, f"127.0.1.{number}"):
        sleep(_SETTLED_S)
        found = alone(site, for_s)
    medians = {f"alone_{name}": undisturbed[name] for name in _RATIOS.values()}
    return found | medians | {name: round(found[of] / undisturbed[of], 2) for name, of in _RATIOS.items()}
