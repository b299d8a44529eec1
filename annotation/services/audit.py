"""Writing the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from annotation.models import AuditEvent, Campaign, Worker
from webapp.accounts.models import User


def audit(
    action: str,
    *,
    by: User | None,
    campaign: Campaign | None = None,
    worker: Worker | None = None,
    reason: str = "",
    **facts: Any,
) -> AuditEvent:
    """Write one event to the audit log, in the transaction of the change itself; `facts` must be JSON."""
    return AuditEvent.objects.create(
        action=action, by=by, campaign=campaign, worker=worker, reason=reason, facts=facts
    )


class Changes(TypedDict):
    """The facts of an event that changed something: only what differs."""

    before: dict[str, Any]
    after: dict[str, Any]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Return what changed as the facts `before` and `after`; an object's keys are compared one by one, as `name.key`."""
    flat_before, flat_after = _flat(before), _flat(after)
    names = [name for name in {**flat_before, **flat_after} if flat_before.get(name) != flat_after.get(name)]
    return {
        "before": {name: flat_before.get(name) for name in names},
        "after": {name: flat_after.get(name) for name in names},
    }


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            found[name] = value
    return found
