"""Sample tasks of a campaign, for operators to preview before anyone works on it."""

from __future__ import annotations

from typing import Any

from annotation.models import Campaign, Kind, Task
from annotation.selectors.work import task_cards

N_SAMPLES = 8


def samples_of(campaign: Campaign) -> list[dict[str, Any]]:
    """Return the first tasks as workers see them, training first, with A on the left, without claiming any.

    Each card also holds what workers get only later: the `feedback` of a practice task and the `photo_url` of a
    sketch task.
    """
    rows = Task.objects.filter(campaign=campaign).select_related("product")
    training = list(rows.filter(is_training=True).order_by("position")[:N_SAMPLES])
    others = list(rows.filter(is_training=False, is_gold=False).order_by("position")[:N_SAMPLES])
    tasks = [*training, *others][:N_SAMPLES]
    cards = task_cards([(task, True) for task in tasks])
    return [
        {
            **card,
            "id": task.pk,
            "position": place,
            "warning": "",
            "credited": 0,
            "session": {"done": 0, "cap": 0, "break_due": False},
            "feedback": _feedback(task),
            "photo_url": task.product.photo_url if task.kind == Kind.SKETCHES and task.product else None,
        }
        for place, (task, card) in enumerate(zip(tasks, cards, strict=True))
    ]


def _feedback(task: Task) -> dict[str, Any] | None:
    """Return the feedback on a correct answer, since the preview is about the explanation."""
    if not task.is_training:
        return None
    answer = {"a": "left", "b": "right"}.get(str(task.gold_answer), task.gold_answer)
    return {"right": True, "answer": answer, "explanation": task.explanation}
