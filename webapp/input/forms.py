"""Forms of pages and of the API: check that names, values and file names can be stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from webapp.input.text import InputError, text_fault


def form_check(fields: Any, files: Any) -> None:
    """Check a form's QueryDict and its MultiValueDict of files. Raises InputError naming the field."""
    pairs_check((name, value) for name, values in fields.lists() for value in values)
    pairs_check((name, file.name or "") for name, found in files.lists() for file in found)


def pairs_check(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise InputError naming the first pair whose name or value cannot be stored."""
    for name, value in pairs:
        if why := text_fault(name):
            raise InputError("request", f"a field's name: {why}")
        if why := text_fault(value):
            raise InputError(name[:80], why)
