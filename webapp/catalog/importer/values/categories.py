"""Category paths, `Furniture > Chairs`, and the addresses of their branches."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

from django.utils.text import slugify

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.values.markup import one_line

MAX_STEPS, MAX_STEP, MAX_SLUG = 8, 80, 80


def category_read(value: Any, field: str = "category") -> tuple[str, ...]:
    """Return the path of a text or of a list of steps; () if it is empty."""
    if isinstance(value, list) and all(isinstance(step, str) for step in value):
        value = " > ".join(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(
            field,
            gettext_noop("{kind}, expected a text such as Furniture > Chairs"),
            kind=type(value).__name__,
        )
    return _path(str(value), field)


def _path(text: str, field: str) -> tuple[str, ...]:
    steps = tuple(step for each in text.replace("&gt;", ">").split(">") if (step := one_line(each)))
    if len(steps) == 1 and steps[0].isdigit():
        return ()  # a number of Google's taxonomy, which names nothing
    if len(steps) > MAX_STEPS:
        raise RowError(field, gettext_noop("{n} steps, at most {max}"), n=len(steps), max=MAX_STEPS)
    for step in steps:
        if len(step) > MAX_STEP:
            raise RowError(
                field,
                gettext_noop("{n} characters in {step!r}…, at most {max}"),
                n=len(step),
                step=step[:20],
                max=MAX_STEP,
            )
        if not step_slug(step):
            raise RowError(
                field, gettext_noop("{step!r} has no letter or digit to use in an address"), step=step
            )
    return steps


def step_slug(step: str) -> str:
    """Return a step as it stands in an address: in ASCII if it is in Latin letters, otherwise in its own script."""
    latin = all("LATIN" in unicodedata.name(c, "") for c in step if c.isalpha())
    return (slugify(step) if latin else "") or slugify(step, allow_unicode=True)


def path_slugs(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the slug of each branch of a path: `furniture`, `furniture--chairs`. Too long ones end in a digest."""
    slugs = []
    for depth in range(1, len(path) + 1):
        slug = "--".join(map(step_slug, path[:depth]))
        if len(slug) > MAX_SLUG and depth > 1:
            slug = f"{slug[:67].rstrip('-')}-{hashlib.sha256(slug.encode()).hexdigest()[:12]}"
        slugs.append(slug[:MAX_SLUG])
    return tuple(slugs)
