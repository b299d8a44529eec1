"""Origins of pages: scheme, host and port, as browsers send them."""

from __future__ import annotations

from urllib.parse import urlsplit

from webapp.input.hosts import host_read

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_parsed(text: str) -> str:
    """Return an origin such as https://shop.example as a browser sends it: lower case, ASCII, no default port.

    Raises ValueError saying what is wrong.
    """
    text = text.strip()
    if "*" in text:
        raise ValueError(f"{text!r}: name each host; * is not allowed")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is not an origin such as https://shop.example") from error
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in _DEFAULT_PORTS or not host or extra:
        raise ValueError(f"{text!r} is not an origin such as https://shop.example")
    try:
        host = host_read(host)
    except ValueError as error:
        raise ValueError(f"{text!r}: {host} is not the name of a host") from error
    name = f"[{host}]" if ":" in host else host
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{name}{suffix}"
