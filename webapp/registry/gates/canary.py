"""Replay recent queries of visitors against both releases, to measure how much their results would change."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.errors import SketchError
from ml.metrics.ranking import summary
from ml.sketch.strokes import Sketch, parse_sketch
from webapp.registry.gates.compared import ComparedRelease, Found
from webapp.registry.gates.measuring import Beat
from webapp.registry.models import RecordedQuery

N_QUERIES = 100
N_EXAMPLES = 6
TOP = 10


def canary(candidate: ComparedRelease, live: ComparedRelease, beat: Beat) -> dict[str, Any]:
    """Return {"n", "overlap_at_10": {"value", "ci95"}, "score_shift": {"value", "ci95"}, "examples"}.

    The overlap is the share of the live answer's first ten that the candidate's contains too; the shift is that of the
    best score. Half of the examples are those that changed most, half are taken evenly from the rest: {"sketch",
    "overlap", "live", "candidate"}, where each answer is [{"product", "score"}].
    """
    replayed: list[tuple[Any, Found, Found]] = []
    for query in RecordedQuery.objects.order_by("-pk")[:N_QUERIES]:
        sketch = _sketch(query.sketch)
        if sketch is None:
            continue
        replayed.append((query.sketch, live.find(sketch, TOP), candidate.find(sketch, TOP)))
        beat()
    summaries: dict[str, Any] = {"n": len(replayed), "examples": []}
    if not replayed:
        return summaries
    overlap = np.array([_overlap(was, now) for _, was, now in replayed])
    shift = np.array([_best(now) - _best(was) for _, was, now in replayed])
    summaries |= {"overlap_at_10": summary(overlap), "score_shift": summary(shift)}
    order = overlap.argsort(kind="stable").tolist()
    half = N_EXAMPLES // 2
    rest = order[half:]
    chosen = order[:half] + rest[:: max(1, len(rest) // half)][:half]
    for place in chosen:
        sketch, was, now = replayed[place]
        summaries["examples"].append(
            {
                "sketch": sketch,
                "overlap": round(float(overlap[place]), 3),
                "live": _answer(was),
                "candidate": _answer(now),
            }
        )
    return summaries


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
