"""JSON columns whose old rows may hold values that are refused today."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import models

from webapp.input.parsing import is_flat

log = structlog.get_logger(__name__)


class BoundedJSONField(models.JSONField):
    """A JSONField that reads a value nested too deeply as the field's default.

    Serialising such a value would fail, and with it every list that contains the row.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        try:
            found = super().from_db_value(value, expression, connection)
        except RecursionError:
            found = None
        else:
            if is_flat(found):
                return found
        log.warning("stored_json_too_deep", column=self.column)
        return self.get_default()

    def deconstruct(self) -> Any:
        """Deconstruct as a plain JSONField, since the column is one."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs
