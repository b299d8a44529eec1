"""Format a crowd's log."""

from __future__ import annotations

from tools.crowd.client import Log


def log_lines(log: Log) -> list[str]:
    """Return lines with the times of requests by kind, then the counts of events."""
    lines = []
    for kind, times in sorted(log.seconds.items()):
        p50, p95, p99 = (log.percentile_ms(kind, percent) for percent in (50, 95, 99))
        lines.append(f"{kind}: {len(times)} requests, p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    return lines + [f"{what}: {n}" for what, n in sorted(log.counts.items()) if n]
