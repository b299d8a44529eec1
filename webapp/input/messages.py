"""Messages of errors, stored or raised, in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext


def message_text(template: str, values: Mapping[str, float | str]) -> str:
    """Return a message of `ml.errors.SketchfindError` in the active language.

    template: in English, translated if it is marked. values: as `str.format` inserts them; none: inserted already.
    """
    text = gettext(template) if template else ""
    return text.format(**values) if values else text
