"""The client's address, as used by all limits, lockouts and sockets.

With `SKETCHFIND_PROXY_COUNT` trusted proxies, each of which appends the address it sees to X-Forwarded-For, the client's
is that many places from the right. Anything further left was written by the client and is ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

UNKNOWN = ""
_IPV6_NETWORK_BITS = 64  # what a provider gives to one customer


def client_address(request: HttpRequest | Request) -> str:
    """Return the address of the sender of an HTTP request; `UNKNOWN` if it cannot be determined."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return _address([forwarded], request.META.get("REMOTE_ADDR", ""))


def socket_address(scope: Mapping[str, Any]) -> str:
    """Return the same for a WebSocket."""
    forwarded = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = scope.get("client")
    return _address(forwarded, peer[0] if peer else "")


def limited_address(address: str) -> str:
    """Return what limits count as one client: an IPv4 address, or the first address of an IPv6 address's /64 network."""
    if ":" not in address:
        return address
    return str(ip_network((address, _IPV6_NETWORK_BITS), strict=False).network_address)


def lockout_address(request: HttpRequest) -> str | None:
    """Return the address by which django-axes counts failed logins; None if unknown."""
    return limited_address(client_address(request)) or None


def _address(forwarded: Iterable[str], peer: str) -> str:
    seen = [part for line in forwarded for part in line.split(",") if part.strip()]
    count: int = settings.CONFIG.proxy_count
    named = seen[-min(count, len(seen))] if count and seen else ""
    return _parsed(named) or _parsed(peer) or UNKNOWN


@lru_cache(maxsize=1024)  # every request asks several times
def _parsed(text: str) -> str:
    """Return the address in `text`, which may include a port, brackets or a zone; empty if there is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(found)
