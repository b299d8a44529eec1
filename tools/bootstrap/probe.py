"""Search a running site as a visitor would: it is ready when an example sketch finds products."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

# A proxy in the environment must not be used for the local machine.
_opener = build_opener(ProxyHandler({}))


def search_trouble(url: str, timeout_s: float = 10.0) -> str | None:
    """Return why a search at `url` does not work yet, or None if it does."""
    try:
        examples = _ask(Request(f"{url}/api/v1/examples/"), timeout_s)
        query = json.dumps({"sketch": examples[0]["sketch"], "k": 5}).encode()
        answer = _ask(Request(f"{url}/api/v1/search", query, {"Content-Type": "application/json"}), timeout_s)
    except HTTPError as error:
        return f"{error.url} answers {error.code}: {error.read(300).decode('utf-8', 'replace')}"
    except (URLError, OSError, ValueError, LookupError, TypeError) as error:
        return str(getattr(error, "reason", error))
    return None if answer.get("results") else "the search finds no products"


def _ask(request: Request, timeout_s: float) -> Any:
    with _opener.open(request, timeout=timeout_s) as answer:
        return json.load(answer)
