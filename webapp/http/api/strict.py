"""Requests whose misspelt fields are refused instead of ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework import serializers

if TYPE_CHECKING:
    _Base = serializers.Serializer[Any]
else:
    _Base = object


class StrictFields(_Base):
    """A mixin for serializers of operators' requests, placed before the serializer's class.

    Requests of visitors and workers are lenient: their page may be older than the site.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated fields. Raises ValidationError naming a field that does not exist."""
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({unknown[0]: [_("There is no such field.")]})
        return super().to_internal_value(data)


class StrictSerializer(StrictFields, serializers.Serializer[Any]):
    """A serializer that refuses fields it does not have."""
