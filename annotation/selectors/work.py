"""Data for workers: assignments as cards, receipts, and the session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.urls import reverse

from annotation.models import Assignment, Enrolment, Kind, Sketch, Task, Vote
from annotation.selectors.standing import session_over
from webapp.catalog.models import Photo, Product
from webapp.stores.sql import marks, sql_rows


class SessionPayload(TypedDict):
    """`done` answers of at most `cap` (0: no limit) this session; `break_due`: whether to offer a break now."""

    done: int
    cap: int
    break_due: bool


class SidePayload(TypedDict):
    id: int
    photo_url: str
    name: str


class FeedbackPayload(TypedDict):
    """Feedback after a practice task: whether the answer was right, the right side or values, and why."""

    right: bool
    answer: Any
    explanation: str


def session_payload(enrolment: Enrolment, *, now: datetime | None = None) -> SessionPayload:
    """Return the session's counters; `now` to take into account that it may be over."""
    every, done = enrolment.campaign.break_every, enrolment.session_done
    if now and session_over(enrolment, now=now):
        done = 0
    cap = enrolment.campaign.session_cap
    return {"done": done, "cap": cap, "break_due": bool(every and done and done % every == 0)}


def cards(assignments: Sequence[Assignment], enrolment: Enrolment) -> list[dict[str, Any]]:
    """Return assignments as JSON, in two queries regardless of their number."""
    return [
        {
            "id": a.pk,
            "lease_expires_at": a.lease_expires_at,
            "position": a.position,
            "session": session_payload(enrolment),
            "warning": enrolment.warning,
            "credited": enrolment.n_credited,
            **card,
        }
        for a, card in zip(assignments, task_cards([(a.task, a.left_is_a) for a in assignments]), strict=True)
    ]


def task_cards(tasks: Sequence[tuple[Task, bool]]) -> list[dict[str, Any]]:
    """Return tasks as a worker sees them. tasks: pairs of a task and whether candidate A is on the left."""
    sketches = _sketch_urls({task.sketch_id for task, _ in tasks if task.sketch_id})
    ids = {i for task, _ in tasks for i in (task.product_id, task.candidate_a_id, task.candidate_b_id) if i}
    products = _sides(ids)
    return [_card(task, left_is_a, sketches, products) for task, left_is_a in tasks]


def _sketch_urls(ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    sql = f"SELECT id, key, raster FROM annotation_sketch WHERE id IN ({marks(ids)})"
    return {pk: sketch_url(Sketch(key=key, raster=raster)) for pk, key, raster in sql_rows(sql, [*ids])}


def _sides(ids: Collection[int]) -> dict[int, SidePayload]:
    """Return products as candidates, each with its first photo; without own ids, which stand in for names."""
    if not ids:
        return {}
    sql = f"""
        SELECT product.id, product.name, study.own_id,
            (SELECT file FROM catalog_photo WHERE product_id = product.id ORDER BY position, id LIMIT 1)
        FROM catalog_product product
        LEFT JOIN annotation_studyphoto study ON study.product_id = product.id
        WHERE product.id IN ({marks(ids)})
    """
    return {
        pk: {
            "id": pk,
            "photo_url": Photo(file=file).file.url if file else "",
            "name": "" if name == own_id else name,
        }
        for pk, name, own_id, file in sql_rows(sql, [*ids])
    }


def _card(
    task: Task, left_is_a: bool, sketches: dict[int, str], products: dict[int, SidePayload]
) -> dict[str, Any]:
    card: dict[str, Any] = {
        "kind": task.kind,
        "sketch_url": sketches[task.sketch_id] if task.sketch_id else None,
        "training": {"explanation": bool(task.explanation)} if task.is_training else None,
    }
    if task.kind == Kind.TRIPLETS:
        assert task.candidate_a_id
        assert task.candidate_b_id
        a, b = products[task.candidate_a_id], products[task.candidate_b_id]
        left, right = (a, b) if left_is_a else (b, a)
        card |= {"left": left, "right": right}
    elif task.kind == Kind.ATTRIBUTES:
        card["product"] = products[task.product_id] if task.product_id else None
    else:  # the photo of a sketch task is shown only during its exposure
        assert task.product_id
        card["product"] = {"id": task.product_id, "name": products[task.product_id]["name"]}
    return card


def side_payload(product: Product) -> SidePayload:
    """Return a product as a candidate; prefetch its photos."""
    return {"id": product.pk, "photo_url": product.photo_url, "name": product.name}


def sketch_url(sketch: Sketch) -> str:
    """Return the URL of a sketch's picture: its file, or its strokes as SVG. It never changes and may be cached."""
    return sketch.raster.url if sketch.raster else reverse("api-sketch-picture", args=[sketch.key])


def feedback_of(vote: Vote, assignment: Assignment) -> FeedbackPayload | None:
    """Return the feedback on a training answer; None for other answers."""
    task = assignment.task
    if not task.is_training or vote.is_right is None:
        return None
    answer = task.gold_answer
    if answer in ("a", "b"):
        answer = "left" if (answer == "a") == assignment.left_is_a else "right"
    return {"right": vote.is_right, "answer": answer, "explanation": task.explanation}


def receipt_payload(
    vote: Vote, assignment: Assignment, *, expires_at: datetime | None = None
) -> dict[str, Any]:
    """Return the response to a vote or undo, the same for gold tasks as for others: not even whether it counts."""
    payload: dict[str, Any] = {
        "receipt": vote.receipt,
        "late": vote.late,
        "feedback": feedback_of(vote, assignment),
        "session": session_payload(assignment.enrolment),
    }
    if expires_at:
        payload["lease_expires_at"] = expires_at
    return payload
