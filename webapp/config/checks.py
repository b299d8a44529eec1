"""Our system checks, run by `manage.py check` and at every start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning


@register("sketchfind")
def data_dir_writable(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    if os.access(settings.DATA_DIR, os.W_OK):
        return []
    return [
        Error(
            f"{settings.DATA_DIR} is not writable",
            hint="Set SKETCHFIND_DATA_DIR to a writable folder.",
            id="sketchfind.E001",
        )
    ]


@register("sketchfind", deploy=True)
def hosts_named(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Set SKETCHFIND_ALLOWED_HOSTS to the site's host names."
    return [CheckWarning("The site answers to any host name.", hint=hint, id="sketchfind.W002")]


@register("sketchfind", deploy=True)
def served_over_https(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    if settings.CONFIG.secure:
        return []
    hint = "Set SKETCHFIND_HTTPS=true."
    return [CheckWarning("Pages are served without https.", hint=hint, id="sketchfind.W001")]


@register("sketchfind", deploy=True)
def variables_known(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    hint = "Rename or remove it."
    return [CheckWarning(line, hint=hint, id="sketchfind.W003") for line in settings.ENVIRONMENT_HINTS]
