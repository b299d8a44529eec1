"""Cross-origin requests: pages of a key's origins may read the answers of the views that site keys open.

A page names its public key in the query (`?key=pk_...`), so that preflights name it too. Without a key there are no
CORS headers. No answer allows credentials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from webapp.http.problems import FieldError, problem, problem_response_of
from webapp.sites.access import REVOKED
from webapp.sites.known import public_key_known, use_note

_ALLOW, _ANY = "Access-Control-Allow-Origin", "*"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "accept-language, content-type, x-request-id",
    "Access-Control-Max-Age": "600",
}


class SiteKeyMiddleware:
    """Sets `request.site_key`, and refuses unknown keys and pages of other origins before the view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if origin := getattr(request, "cors_origin", ""):
            response.headers[_ALLOW] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-ID"
            patch_vary_headers(response, ["Origin"])
        return response

    def process_view(
        self, request: Any, view: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        api = getattr(view, "cls", None)
        given = request.GET.get("key")
        if given is None or not getattr(api, "allows_site_keys", False):
            return None
        key, origin = public_key_known(given), request.headers.get("Origin", "")
        if key is None:
            return _refused("key", REVOKED, api)
        if origin and origin != f"{request.scheme}://{request.get_host()}":
            if origin not in key.origins:
                return _refused("origin", f"{origin} is not among the origins of this key", api)
            request.cors_origin = origin
        request.site_key = key
        use_note(key)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return HttpResponse(status=204, headers=_PREFLIGHT)
        return None


def _refused(field: str, message: str, api: Any) -> HttpResponse:
    message = message.removeprefix(f"{field}: ")
    response = problem_response_of(
        problem(403, f"{field}: {message}", [FieldError(field=field, message=message)])
    )
    if api.explains_refusals:  # the reason is no secret, and otherwise the page could not show it
        response.headers[_ALLOW] = _ANY
    return response
