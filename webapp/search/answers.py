"""Answers as visitors get them: searched, sampled for gates, and with an id if clicks are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.sketch.strokes import Sketch
from webapp.clicks.recording.answer_ids import Shown, answer_id, answer_key, sketch_digest, visit_hash
from webapp.clicks.recording.policy import may_record
from webapp.search.payloads import SearchPayload
from webapp.search.presenting import Presented, presented
from webapp.search.services import answer_record, ready_release, search_sketch


def answer_sketch(*, visit: str, address: str, **query: Any) -> SearchPayload:
    """Return the answer to a validated query over REST or WebSocket. visit: the page's id of its visit, or empty.

    address: the sender's, as limits count it. query: the other fields of SearchRequestSerializer. Raises what
    `ready_release` and `search_sketch` raise.
    """
    live = ready_release()
    answer = search_sketch(live=live, address=address, **query)
    answer_record(answer, **query)
    if not may_record(visit):
        return answer
    return _identified(
        presented(answer, live=live, visit=visit_hash(visit), query=query),
        visit=visit,
        sketch=query["sketch"],
    )


def identified(answer: SearchPayload, *, visit: str) -> SearchPayload:
    """Return the answer to an image, with its id if it may be recorded."""
    return _identified(Presented(answer), visit=visit, sketch=None) if may_record(visit) else answer


def _identified(shown_as: Presented, *, visit: str, sketch: Sketch | None) -> SearchPayload:
    answer, results = shown_as.answer, shown_as.answer["results"]
    shown = Shown(
        key=answer_key(),
        visit=visit_hash(visit),
        release_id=answer["release"]["id"],
        kind="image" if sketch is None else "sketch",
        product_ids=tuple(result["product"]["id"] for result in results),
        name=_recognised_name(answer),
        category=results[0]["product"]["category"]["slug"] if results else "",
        good=bool(results) and not answer["nothing_close"] and results[0]["match"] != "weak",
        digest=sketch_digest(sketch) if sketch is not None else "",
        experiment_id=shown_as.experiment_id,
        teams=shown_as.teams,
        pair=shown_as.pair,
        swapped=shown_as.swapped,
    )
    return {**answer, "answer_id": answer_id(shown)}


def _recognised_name(answer: Mapping[str, Any]) -> str:
    """Return the likeliest name, empty if the drawing may as well show something else."""
    recognised = answer["recognised"]
    if not recognised or not recognised["sure"] or not recognised["names"]:
        return ""
    return str(recognised["names"][0]["name"])
