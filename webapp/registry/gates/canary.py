"""Recent queries of visitors asked again of both releases: how much of what they saw would change."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.errors import SketchError
from ml.metrics.ranking import summary
from ml.sketch.strokes import Sketch, parse_sketch
from webapp.registry.gates.measuring import Beat
from webapp.registry.gates.opened import Found, OpenedRelease
from webapp.registry.models import RecordedQuery

N_QUERIES = 100
N_EXAMPLES = 6
TOP = 10


def canary(candidate: OpenedRelease, live: OpenedRelease, beat: Beat) -> dict[str, Any]:
    """{"n", "overlap_at_10": {"value", "ci95"}, "score_shift": {"value", "ci95"}, "examples"} over recorded queries.

    The overlap is the share of the live answer's first ten that the candidate's has, too; the shift is that of the best
    score. Examples are half the most changed, half taken evenly from the rest, {"sketch", "overlap", "live",
    "candidate"}, each answer [{"product", "score"}].
    """
    asked: list[tuple[Any, Found, Found]] = []
    for query in RecordedQuery.objects.order_by("-pk")[:N_QUERIES]:
        sketch = _sketch(query.sketch)
        if sketch is None:
            continue
        asked.append((query.sketch, live.find(sketch, TOP), candidate.find(sketch, TOP)))
        beat()
    told: dict[str, Any] = {"n": len(asked), "examples": []}
    if not asked:
        return told
    overlap = np.array([_overlap(was, now) for _, was, now in asked])
    shift = np.array([_best(now) - _best(was) for _, was, now in asked])
    told |= {"overlap_at_10": summary(overlap), "score_shift": summary(shift)}
    order = overlap.argsort(kind="stable").tolist()
    half = N_EXAMPLES // 2
    rest = order[half:]
    chosen = order[:half] + rest[:: max(1, len(rest) // half)][:half]
    for place in chosen:
        sketch, was, now = asked[place]
        told["examples"].append(
            {
                "sketch": sketch,
                "overlap": round(float(overlap[place]), 3),
                "live": _answer(was),
                "candidate": _answer(now),
            }
        )
    return told


def _sketch(payload: object) -> Sketch | None:
    try:
        return parse_sketch(payload)
    except SketchError:  # recorded by an older version with other limits
        return None


def _overlap(was: Found, now: Found) -> float:
    return len(set(was.products) & set(now.products)) / max(1, len(was.products))


def _best(found: Found) -> float:
    return found.scores[0] if found.scores else 0.0


def _answer(found: Found) -> list[dict[str, Any]]:
    pairs = zip(found.products, found.scores, strict=True)
    return [{"product": product, "score": score} for product, score in pairs]
