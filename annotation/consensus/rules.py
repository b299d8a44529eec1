"""When a worker is warned or blocked: limits on the figures of their votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from annotation.consensus.workers import WorkerReport, wilson

Z_99 = 2.575829


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits at which a worker is warned or blocked.

    The shares of right answers to gold tasks and of agreement are compared as they are after enough votes of their kind;
    before that, only the upper end of their 99 % interval, so that even a few answers show who just clicks. The
    preference for a side is always compared by its interval.
    """

    least_votes: int = 30
    least_gold: int = 5
    least_speed: int = 10
    gold_warn: float = 0.7
    gold_block: float = 0.5
    agreement_warn: float = 0.6
    agreement_block: float = 0.5
    median_ms_warn: float = 500
    median_ms_block: float = 300
    left_warn: float = 0.15  # how far the whole interval of left_share lies from 0.5
    left_block: float = 0.35


Level = Literal["warn", "block"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a worker broke, with the measured value and the limit."""

    rule: str
    level: Level
    value: float
    limit: float


def findings(report: WorkerReport, rules: Rules) -> list[Finding]:
    """Return the rules that a worker broke; a block replaces the warning of the same rule."""
    off_centre = max(report.left_low - 0.5, 0.5 - report.left_high)
    gold = _share(report.gold_right, report.gold_total, rules.least_gold)
    agreement = _share((report.agreement or 0) * report.n_compared, report.n_compared, rules.least_votes)
    speed = report.median_ms if report.n_votes >= rules.least_speed else None
    # One row per rule: name, value (None: too few votes), limits, and whether a larger value is worse.
    checks: list[tuple[str, float | None, float, float, bool]] = [
        ("gold", gold, rules.gold_warn, rules.gold_block, False),
        ("agreement", agreement, rules.agreement_warn, rules.agreement_block, False),
        ("speed", speed, rules.median_ms_warn, rules.median_ms_block, False),
        ("left", off_centre, rules.left_warn, rules.left_block, True),
    ]
    found = []
    for name, value, warn, block, more_is_worse in checks:
        if value is None:
            continue
        for level, limit in (("block", block), ("warn", warn)):
            if (value > limit) if more_is_worse else (value < limit):
                found.append(Finding(name, "block" if level == "block" else "warn", value, limit))
                break
    return found


def _share(n: float, total: int, least: int) -> float | None:
    """Return the share `n / total`; of fewer than `least`, the upper end of its interval; None of nothing."""
    if not total:
        return None
    return n / total if total >= least else wilson(n, total, z=Z_99)[1]
