"""What a recorded answer shows: interleaved with an experiment's release, or with two neighbouring ranks swapped.

Both depend on the visit and on where its drawing begins, so that products keep their places while the drawing grows, and
every replica gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from django.conf import settings
from rest_framework.exceptions import APIException

from ml.clicks.swaps import draw_swap
from ml.retrieval.interleaving import hashed, takes_part, team_draft
from ml.sketch.strokes import Sketch
from webapp.clicks.experiments import serving
from webapp.registry.releases.live import LiveRelease
from webapp.search.payloads import ResultPayload, SearchPayload, TimingPayload
from webapp.search.services import search_sketch

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Presented:
    """An answer, and how it differs from its release's: the fields of `clicks.Answer`."""

    answer: SearchPayload
    experiment_id: int | None = None
    teams: str = ""
    pair: int = 0
    swapped: bool = False


def presented(answer: SearchPayload, *, live: LiveRelease, visit: str, query: Mapping[str, Any]) -> Presented:
    """Return the answer as a visitor gets it. visit: its hash, empty for none. query: the arguments of the search."""
    mixed = _interleaved(answer, live=live, visit=visit, query=query) if visit else None
    if mixed is not None:
        return mixed
    if settings.LEARN_FROM_CLICKS and len(answer["results"]) > 1:
        return _swapped(answer, _generator("swap", visit, query["sketch"]))
    return Presented(answer)


def _interleaved(
    answer: SearchPayload, *, live: LiveRelease, visit: str, query: Mapping[str, Any]
) -> Presented | None:
    running = serving.current(live)
    if running is None or not takes_part(visit, running.id, running.percent):
        return None
    try:
        other = search_sketch(live=running.release, **query)
    except APIException as error:  # busy; the live answer is there
        log.info("experiment_left_out", error=str(error))
        return None
    entries = [{result["product"]["id"]: result for result in each["results"]} for each in (answer, other)]
    draft = team_draft(
        list(entries[0]),
        list(entries[1]),
        len(answer["results"]),
        _generator(f"draft-{running.id}", visit, query["sketch"]),
    )
    results = [entries[team][item] for item, team in zip(draft.items, draft.teams, strict=True)]
    mixed: SearchPayload = {
        **answer,
        "results": _ranked(results),
        "timing_ms": _summed(answer["timing_ms"], other["timing_ms"]),
    }
    return Presented(mixed, experiment_id=running.id, teams="".join(map(str, draft.teams)))


def _summed(one: TimingPayload, other: TimingPayload) -> TimingPayload:
    return {
        "raster": round(one["raster"] + other["raster"], 3),
        "encode": round(one["encode"] + other["encode"], 3),
        "search": round(one["search"] + other["search"], 3),
        "total": round(one["total"] + other["total"], 3),
    }


def _swapped(answer: SearchPayload, rng: np.random.Generator) -> Presented:
    results = list(answer["results"])
    pair, swapped = draw_swap(len(results), rng)
    if swapped:
        results[pair - 1], results[pair] = results[pair], results[pair - 1]
    return Presented({**answer, "results": _ranked(results)}, pair=pair, swapped=swapped)


def _ranked(results: Sequence[ResultPayload]) -> list[ResultPayload]:
    return [{**result, "rank": rank} for rank, result in enumerate(results, start=1)]


def _generator(purpose: str, visit: str, sketch: Sketch) -> np.random.Generator:
    x, y = sketch.strokes[0][0, :2].tolist()
    return np.random.default_rng(hashed(f"{purpose}:{visit}:{x}:{y}"))
