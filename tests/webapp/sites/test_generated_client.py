"""A client that a generator makes of the API's schema works as it stands, and has nothing that a shop needs left out."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from webapp.registry.models import Release
from webapp.sites.models import SiteKey

SKETCH = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}


@pytest.fixture(scope="module")
def client_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated package, importable. Only pictures may be missing, which the generator cannot describe."""
    folder = tmp_path_factory.mktemp("client")
    call_command("spectacular", format="openapi-json", file=str(folder / "schema.json"))
    name = "generated_shop_client"
    (folder / "config.yml").write_text(json.dumps({"package_name_override": name, "post_hooks": []}))
    command = ["generate", "--path", "schema.json", "--config", "config.yml", "--meta", "none"]
    program = Path(sys.executable).with_name("openapi-python-client")
    done = subprocess.run([program, *command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    problems = [line for line in done.stdout.splitlines() if line.startswith(("WARNING", "ERROR"))]
    assert [line for line in problems if "pictures" not in line and ".svg" not in line] == []
    sys.path.insert(0, str(folder))
    yield name
    sys.path.remove(str(folder))


def test_it_searches_and_reads_with_a_secret_key(client_package: str, release: Release) -> None:
    key = SiteKey(name="Shop")
    secret = key.replace_secret_key()
    key.save()
    package = importlib.import_module(client_package)
    client = package.AuthenticatedClient("http://testserver", secret, httpx_args={"transport": Site()})
    search = importlib.import_module(f"{client_package}.api.search.search")
    models = importlib.import_module(f"{client_package}.models")

    body = models.SearchRequestRequest.from_dict({"sketch": SKETCH, "k": 3})
    answer = search.sync(client=client, body=body)
    assert [result.rank for result in answer.results] == [1, 2, 3]
    retrieve = importlib.import_module(f"{client_package}.api.products.products_retrieve")
    found = retrieve.sync(answer.results[0].product.id, client=client)
    assert found.name == answer.results[0].product.name
    empty = models.SearchRequestRequest.from_dict({"sketch": {**SKETCH, "strokes": []}})
    refused = search.sync(client=client, body=empty)
    assert refused.field.startswith("sketch")


class Site(httpx.BaseTransport):
    """The site, in this process."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        kind = request.headers.get("content-type", "application/json")
        path = request.url.raw_path.decode()
        client: Any = APIClient()
        response = client.generic(request.method, path, request.read(), kind, **headers)
        return httpx.Response(response.status_code, content=response.content, headers=dict(response.items()))
