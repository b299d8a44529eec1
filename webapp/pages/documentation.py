"""The documentation under `/docs/`, where `make docs` has built it."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

INDEX = "index.html"
KEPT = "public, max-age=300"  # a new build has the same names


@require_safe
def page(request: HttpRequest, name: str = INDEX) -> HttpResponse:
    """One file of the built site. 404 before the first build."""
    try:
        with open(safe_join(settings.DOCUMENTATION_DIR, name), "rb") as file:
            content = file.read()
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    headers = {"Cache-Control": KEPT, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def documentation(request: HttpRequest) -> dict[str, Any]:
    """`documentation`, for templates: whether there is a built site to link to."""
    return {"documentation": (settings.DOCUMENTATION_DIR / INDEX).is_file()}
