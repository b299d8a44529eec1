"""A shop's own site, on another port and so of another origin: it serves pages that embed the search."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep

from tests.e2e.site_process import ROOT, Site
from webapp.sites.known import KEPT_S

EXAMPLE = ROOT / "docs" / "howto" / "embed" / "example.html"
HOST = "127.0.0.1"


class Shop:
    """Serves `pages` by path."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = shop.pages.get(self.path.partition("?")[0])
                content = (page or "not here").encode()
                self.send_response(200 if page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator[Shop]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def example_page(site: Site, key: str) -> str:
    """Return the documentation's example for a site and a key."""
    return EXAMPLE.read_text().replace("https://search.example", site.url).replace("pk_...", key)


def make_key(site: Site, name: str, origins: list[str]) -> dict[str, str]:
    """Create a site's keys beside the server. Return both."""
    code = (
        "import json; from webapp.sites.models import SiteKey; "
        f"key, made = SiteKey.objects.update_or_create(name={name!r}, defaults=dict(origins={origins!r})); "
        "secret = key.replace_secret_key(); key.save(); "
        "print('KEYS', json.dumps(dict(public=key.public_key, secret=secret)))"
    )
    output = site.manage("shell", "--no-imports", "-c", code)
    keys: dict[str, str] = json.loads(output.partition("KEYS ")[2].splitlines()[0])
    sleep(KEPT_S + 0.5)  # until the server reads the keys again
    return keys


def change_key(site: Site, name: str, change: str) -> None:
    """Update a site's key, such as `active=False`."""
    site.manage(
        "shell",
        "--no-imports",
        "-c",
        f"from webapp.sites.models import SiteKey; SiteKey.objects.filter(name={name!r}).update({change})",
    )
