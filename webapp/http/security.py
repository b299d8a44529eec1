"""The content security policy: pages run our own scripts and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"
ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def policy(**extra: str) -> str:
    """Return the policy as a header; `extra` adds sources, such as style_src="'unsafe-inline'"."""
    sources = {
        "default_src": "'self'",
        "script_src": "'self'",
        "style_src": "'self'",
        "img_src": "'self' data: blob:",
        "connect_src": "'self'",
        "worker_src": "'self' blob:",
        "object_src": "'none'",
        "base_uri": "'none'",
        "form_action": "'self'",
        "frame_ancestors": "'none'",
    }
    if settings.MEDIA_ORIGIN:
        sources["img_src"] += f" {settings.MEDIA_ORIGIN}"
    if settings.VITE_DEV_URL:
        for name in ("script_src", "style_src", "connect_src", "img_src"):
            sources[name] += f" {settings.VITE_DEV_URL}"
        sources["connect_src"] += " " + settings.VITE_DEV_URL.replace("http", "ws", 1)
        sources["style_src"] += " 'unsafe-inline'"  # Vite's server injects styles inline
    for name, more in extra.items():
        earlier = sources[name].removeprefix("'none'")
        sources[name] = f"{earlier} {more}".strip() or "'none'"
    return "; ".join(f"{name.replace('_', '-')} {value}" for name, value in sources.items())


def policy_with(**extra: str) -> Callable[[ViewT], ViewT]:
    """Decorate a view whose page needs more sources than the site's policy allows."""

    def decorate(view: ViewT) -> ViewT:
        @wraps(view)
        def with_policy(*args: Any, **kwargs: Any) -> HttpResponse:
            response = cast(HttpResponse, view(*args, **kwargs))
            response.headers[HEADER] = policy(**extra)
            return response

        return cast(ViewT, with_policy)

    return decorate


class ProbeHostMiddleware:
    """Lets load balancers and Prometheus reach a replica by its own address, which is not a host name of the site.

    The probes build no links, so any host name will do.
    """

    PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self.PATHS and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].replace("*", "localhost").lstrip(".")
        return self.get_response(request)


class ContentSecurityPolicyMiddleware:
    """Sets the policy on every answer, unless its view has set one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, policy())
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response
