"""Serve the documentation under `/docs/`, once `make docs` has built it."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

INDEX = "index.html"
CACHE_CONTROL = "public, max-age=300"  # names stay the same when the site is rebuilt


@require_safe
def page(request: HttpRequest, name: str = INDEX) -> HttpResponse:
    """Serve one file of the built site; 404 before the first build."""
    try:
        with open(safe_join(settings.DOCUMENTATION_DIR, name), "rb") as file:
            content = file.read()
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    headers = {"Cache-Control": CACHE_CONTROL, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def documentation(request: HttpRequest) -> dict[str, Any]:
    """Return `documentation`, for templates: whether there is a built site to link to."""
    return {"documentation": (settings.DOCUMENTATION_DIR / INDEX).is_file()}
