"""Refusing fields that a request misspells, which would otherwise be ignored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework.serializers import ValidationError


def require_known(names: Collection[str], data: Any) -> None:
    """Raise ValidationError naming a field of a request that is none of `names`."""
    if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(names))):
        raise ValidationError({unknown[0]: ["There is no such field."]})
