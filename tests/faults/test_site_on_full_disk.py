"""A site whose disk is full: pages and searches work, and writes are refused with a reason."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.site_process import ROOT, Site

INK = {"width": 100, "height": 100, "strokes": [[[10, 10, 0, 0.5], [90, 90, 40, 0.5]]]}
PAGES = [
    "/",
    "/browse/",
    "/browse/?q=product",
    "/how/",
    "/annotate/",
    "/offline/",
    "/admin/login/",
    "/media/x.webp",
    "/nowhere/",
]
READ = ["products/", "categories/", "release/", "examples/", "schema/"]
SESSION = """
import django; django.setup()
from importlib import import_module
from django.conf import settings
from django.test import Client
from webapp.accounts.models import User
client = Client()
client.force_login(User.objects.get(username="operator"), "django.contrib.auth.backends.ModelBackend")
print(client.cookies["sessionid"].value)
"""


pytestmark = [pytest.mark.own_stores, pytest.mark.slow]


class FullSite(Site):
    """A small site that writes everything to one disk, and an operator's session."""

    reported: dict[str, Any]
    session: str

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.splitlines()[-1]


@pytest.fixture
def site(small_disk: Path) -> Iterator[FullSite]:
    site = FullSite(small_disk, "", "")
    site.log = small_disk.parent / "web.log"
    site.reported = json.loads(site.python("-m", "tests.support.fault_site"))
    site.session = site.python("-c", SESSION)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def fill(place: Path) -> None:
    """Leave no room on the disk."""
    with (place / "filler").open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def test_reading_continues_and_writing_is_refused(site: FullSite, small_disk: Path) -> None:
    anybody = httpx.Client(base_url=site.url, timeout=60)
    share = anybody.post("/api/v1/shares/", json={"sketch": INK}).json()["id"]
    campaign = site.reported["campaign"]
    joined = anybody.post(f"/api/v1/campaigns/{campaign}/join", json={"consent": True}).json()
    worker = httpx.Client(
        base_url=site.url, headers={"Authorization": f"Worker {joined['worker_token']}"}, timeout=60
    )
    (held,) = worker.post(f"/api/v1/campaigns/{campaign}/next", json={"prefetch": 1}).json()["assignments"]
    fill(small_disk)

    for path in [*PAGES, f"/s/{share}/"]:
        assert anybody.get(path).status_code in (200, 302, 404), path
    operator = httpx.Client(base_url=site.url, cookies={"sessionid": site.session}, timeout=60)
    for path in ("/studio/", "/studio/campaigns/", "/studio/releases/", "/admin/", "/admin/catalog/product/"):
        assert operator.get(path).status_code == 200, path
    token = httpx.Client(
        base_url=site.url, headers={"Authorization": f"Bearer {site.reported['token']}"}, timeout=60
    )
    for path in [*READ, f"shares/{share}/", "campaigns/", f"campaigns/{campaign}/progress/"]:
        assert token.get(f"/api/v1/{path}").status_code == 200, path
    found = anybody.post("/api/v1/search", json={"sketch": INK})
    assert found.status_code == 200
    assert found.json()["results"]

    refused(
        worker.post(
            f"/api/v1/assignments/{held['id']}/vote",
            json={"choice": "left", "idempotency_key": "full-disk-1"},
        )
    )
    other = {**INK, "width": 200}
    refused(anybody.post("/api/v1/shares/", json={"sketch": other}))
    refused(anybody.post("/api/v1/sketches/", json={"sketch": other, "consent": True}))
    page = log_in(site)
    assert page.status_code == 507
    assert "full" in page.text
    assert "</html>" in page.text

    (small_disk / "filler").unlink()
    assert anybody.post("/api/v1/shares/", json={"sketch": other}).status_code == 201
    vote = worker.post(
        f"/api/v1/assignments/{held['id']}/vote", json={"choice": "left", "idempotency_key": "full-disk-1"}
    )
    assert vote.status_code == 200
    assert log_in(site).status_code == 302


def log_in(site: FullSite) -> httpx.Response:
    with httpx.Client(base_url=site.url, timeout=60) as browser:
        browser.get("/admin/login/")
        form = {"username": "operator", "password": "correct horse battery"}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        return browser.post("/admin/login/?next=/studio/", data=form)


def refused(answer: Any) -> None:
    assert answer.status_code == 507, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert "full" in answer.json()["detail"]
