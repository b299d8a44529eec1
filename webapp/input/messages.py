"""Messages of errors, stored or raised, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from ml.errors import SketchfindError

_MOST_CHARACTERS = 300  # of a text that is inserted


def message_text(template: str, values: Mapping[str, Any]) -> str:
    """Return a message of `ml.errors.SketchfindError` in the active language.

    template: in English, translated if it is marked. values: as the error has them, or as `values_json` made them; none:
    inserted already.
    """
    text = gettext(template) if template else ""
    return text.format(**{key: _inserted(value) for key, value in values.items()}) if values else text


def values_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an error as they are stored. Long texts are cut."""
    return {key: _stored(value) for key, value in values.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, SketchfindError):
        return {"template": value.template, "values": values_json(value.values)}
    return value[:_MOST_CHARACTERS] if isinstance(value, str) else value


def _inserted(value: Any) -> Any:
    if isinstance(value, SketchfindError):
        return message_text(value.template, value.values)
    return message_text(**value) if isinstance(value, Mapping) else value
