"""The client's address, for limits."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


def client_address(request: HttpRequest | Request) -> str:
    """As throttles count it: that which the outermost trusted proxy saw."""
    return str(BaseThrottle().get_ident(request))  # type: ignore[arg-type]
