"""Serve pictures from the media folder, if no web server or bucket in front of the site does."""

from __future__ import annotations

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

_TYPES = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg"}


@require_safe
def media_file(request: HttpRequest, name: str) -> HttpResponse:
    """Serve one picture. Its name contains a hash of its content, so it may be cached forever."""
    content_type = _TYPES.get(name.rpartition(".")[2])
    if content_type is None or not isinstance(default_storage._wrapped, FileSystemStorage):  # type: ignore[attr-defined]
        raise Http404
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)
