"""Prove that no answer was counted twice, above the limit, or lost: from the rows themselves, not from counters."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, F, Q

from annotation.models import Campaign, Task, Vote

_BATCH = 500


def violations(campaign: Campaign, receipts: Mapping[str, str]) -> list[str]:
    """Return violated invariants, one per line. receipts: the workers' receipts, by idempotency key."""
    lines = []
    counted = Vote.objects.filter(task__campaign=campaign, counted=True)
    over = counted.values("task").annotate(n=Count("id")).filter(n__gt=campaign.votes_per_task)
    lines += [f"task {row['task']}: {row['n']} counted votes of {campaign.votes_per_task}" for row in over]
    twice = counted.values("task", "worker").annotate(n=Count("id")).filter(n__gt=1)
    lines += [f"task {row['task']}: worker {row['worker']} counts {row['n']} times" for row in twice]
    tasks = Task.objects.filter(campaign=campaign).annotate(
        votes_counted=Count("votes", filter=Q(votes__counted=True)),
        votes_a=Count("votes", filter=Q(votes__counted=True, votes__choice="a")),
        votes_b=Count("votes", filter=Q(votes__counted=True, votes__choice="b")),
    )
    wrong = tasks.exclude(n_counted=F("votes_counted"), n_a=F("votes_a"), n_b=F("votes_b"))
    lines += [f"task {task.pk}: its counters differ from its votes" for task in wrong]
    return lines + [f"receipt {receipt} of {key}: lost" for key, receipt in _lost(campaign, receipts).items()]


def _lost(campaign: Campaign, receipts: Mapping[str, str]) -> dict[str, str]:
    """Return receipts whose row is missing, or belongs to another answer."""
    keys: dict[int, str] = {}
    numbers = sorted({int(receipt.removeprefix("v")) for receipt in receipts.values()})
    for start in range(0, len(numbers), _BATCH):
        rows = Vote.objects.filter(pk__in=numbers[start : start + _BATCH], task__campaign=campaign)
        keys |= dict(rows.values_list("pk", "idempotency_key"))
    return {
        key: receipt for key, receipt in receipts.items() if keys.get(int(receipt.removeprefix("v"))) != key
    }
