"""The verdict on a gate's report: the candidate is refused, not worse, or better. Each rule states its figures.

"Not worse" is enough for an operator to promote it: no rule was broken. A rule of the site promotes only what is better
beyond chance, by a metric that no model influenced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

UNBIASED = ("acc@1", "acc@10", "%corr_random")  # %corr includes triplets on which models disagreed
REPORTED_ONLY = ("%clicks",)  # clicks favour the ranking that they were made on
MIN_VALUES = 10  # of a metric, to count for or against a candidate
SLOWER = 1.5  # times the live release's median; p95 is reported but not decisive, as a busy moment moves it
SLOWER_MS = 5.0  # and by more than this, because less is imperceptible
MIN_OVERLAP = 0.1  # of the first ten; below it, the search would be a different one


@dataclass(frozen=True)
class Reason:
    """One rule: whether it holds, and why in words."""

    code: str
    ok: bool
    text: str


class Verdict(NamedTuple):
    """passed: every rule holds; better: it is also better beyond chance, None if there was nothing to compare."""

    passed: bool
    better: bool | None
    reasons: list[dict[str, Any]]


def verdict(report: Mapping[str, Any]) -> Verdict:
    """Judge a report. Without a live release, only the index has to be complete."""
    reasons = [_index(report["index"])]
    is_compared = report["against"] is not None
    if is_compared:
        reasons += [*_metrics(report["metrics"]), _latency(report["latency_ms"]), *_canary(report["canary"])]
    passed = all(reason.ok for reason in reasons)
    better = passed and any(reason.code == "better" for reason in reasons)
    return Verdict(passed, better if is_compared else None, [asdict(reason) for reason in reasons])


def _index(index: Mapping[str, Any]) -> Reason:
    ours, theirs = index["candidate"], index.get("live")
    if theirs is not None and ours["catalogue_sha256"] == theirs["catalogue_sha256"]:
        missing = theirs["n_photos"] - ours["n_photos"]
        if missing > 0:
            return Reason("index", False, f"the index lacks {missing} photos that the live one has")
    return Reason("index", ours["n_photos"] > 0, f"{ours['n_photos']} photos, {ours['n_skipped']} unreadable")


def _metrics(metrics: Mapping[str, Any]) -> list[Reason]:
    metrics = {name: metric for name, metric in metrics.items() if name not in REPORTED_ONLY}
    sufficient = {name: metric for name, metric in metrics.items() if metric["n"] >= MIN_VALUES}
    if not sufficient:
        n = max((metric["n"] for metric in metrics.values()), default=0)
        text = f"{n} held-out sketches or triplets; a comparison needs at least {MIN_VALUES}"
        return [Reason("evidence", False, text)]
    reasons = []
    for name, metric in sufficient.items():
        if metric["difference"]["ci95"][1] < 0:
            reasons.append(Reason("worse", False, f"{name} fell by {_points(metric)}"))
    rose = {name: metric for name, metric in sufficient.items() if metric["difference"]["value"] > 0}
    text = "; ".join(f"{name} rose by {_points(metric)}" for name, metric in rose.items())
    if any(rose[name]["difference"]["ci95"][0] > 0 for name in UNBIASED if name in rose):
        reasons.append(Reason("better", True, text))
    elif rose:
        chance = f"not beyond chance for {', '.join(UNBIASED)}"
        reasons.append(Reason("not_worse", True, f"{text}: {chance}"))
    else:
        reasons.append(Reason("no_better", False, "no held-out metric is better than the live release's"))
    return reasons


def _points(metric: Mapping[str, Any]) -> str:
    difference = metric["difference"]
    value, (low, high) = 100 * difference["value"], (100 * end for end in difference["ci95"])
    return f"{abs(value):.1f} points ({low:+.1f} to {high:+.1f}, n = {metric['n']})"


def _latency(latency: Mapping[str, Any]) -> Reason:
    ours, theirs = latency["candidate"], latency["live"]
    if ours is None or theirs is None:
        return Reason("latency", True, "speed not measured: no queries")
    ok = ours["p50"] <= max(SLOWER * theirs["p50"], theirs["p50"] + SLOWER_MS)
    times = [f"{one['p50']:.1f} ms (p95 {one['p95']:.1f} ms)" for one in (ours, theirs)]
    return Reason("latency", ok, f"a query takes {times[0]}, with the live release {times[1]}")


def _canary(canary: Mapping[str, Any]) -> list[Reason]:
    if not canary["n"]:
        return []
    overlap = canary["overlap_at_10"]["value"]
    text = f"{100 * overlap:.0f} % of the first ten stay the same, over {canary['n']} recorded queries"
    return [Reason("canary", overlap >= MIN_OVERLAP, text)]
