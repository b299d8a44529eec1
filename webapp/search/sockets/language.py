"""The visitor's language on a socket, which bypasses Django's middleware."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def language_of(scope: dict[str, Any]) -> str:
    """Return the language in the query (`?lang=de`), else the one chosen on the site, else the browser's first that the
    site supports.
    """
    named = parse_qs(scope.get("query_string", b"").decode("latin1")).get("lang", [])
    headers = {name: value.decode("latin1") for name, value in scope.get("headers") or []}
    try:
        cookie = SimpleCookie(headers.get(b"cookie", "")).get(settings.LANGUAGE_COOKIE_NAME)
    except CookieError:
        cookie = None
    wanted = named[:1] + ([cookie.value] if cookie else [])
    wanted += [
        language for language, _ in parse_accept_lang_header(headers.get(b"accept-language", "").lower())
    ]
    for language in wanted:
        try:
            return get_supported_language_variant(language)
        except (LookupError, ValueError):
            continue
    return settings.LANGUAGE_CODE
