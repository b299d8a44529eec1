"""What pages of other sites load: the script of the embedded search, and a page with it for an iframe."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_safe

from webapp.http.security import HEADER, policy
from webapp.sites.known import public_key_known

_ETAG_MAX_AGE_S = 300


def script_path() -> Path:
    """Return the file that the front end's build makes for other sites' pages."""
    return Path(settings.FRONTEND_DIST) / "embed.js"


def _etag(request: HttpRequest) -> str | None:
    path = script_path()
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else None


@cache
def _digest(path: Path, changed_ns: int) -> str:
    return f'"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_etag)
def script(request: HttpRequest) -> HttpResponse:
    """Serve `embed.js`, which defines `<sketch-search>`. Its address stays, so browsers ask for changes."""
    path = script_path()
    if not path.is_file():
        raise Http404("the front end has not been built")
    headers = {
        "Cache-Control": f"public, max-age={_ETAG_MAX_AGE_S}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(path.read_bytes(), content_type="text/javascript; charset=utf-8", headers=headers)


@require_safe
@xframe_options_exempt
def embed(request: HttpRequest) -> HttpResponse:
    """Show the search alone, for an iframe on pages of the key's origins: `?key=pk_...`, also `&theme=dark`.

    Without an active key, there is only a sentence, which any page may show.
    """
    key = public_key_known(request.GET.get("key", ""))
    theme = request.GET.get("theme", "")
    context = {"key": key, "theme": theme if theme in ("light", "dark") else ""}
    response = render(request, "sites/embed.html", context, status=200 if key else 403)
    ancestors = " ".join(sorted(key.origins)) if key else "*"
    response.headers[HEADER] = policy(frame_ancestors=ancestors)
    patch_vary_headers(response, ["Accept-Language"])
    return response
