"""The site's logo, and its accent colour as a style sheet, because the policy allows no inline styles."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from webapp.config.brand import LOGO_TYPES

_CACHED = "public, max-age=300"


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    path = settings.CONFIG.brand_logo
    if path is None:
        raise Http404("the site has no logo of its own")
    headers = {"Cache-Control": _CACHED, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(path.read_bytes(), content_type=LOGO_TYPES[path.suffix], headers=headers)


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    accent = settings.CONFIG.brand_accent
    if accent is None:
        raise Http404("the site has no colour of its own")
    css = (
        f":root {{ --accent: light-dark({accent.light}, {accent.dark}); --plate-accent: {accent.light}; }}\n"
        "sketch-search { --sketch-accent: var(--accent); }\n"
    )
    return HttpResponse(css, content_type="text/css; charset=utf-8", headers={"Cache-Control": _CACHED})
