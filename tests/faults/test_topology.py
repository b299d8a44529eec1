"""The whole production site as processes: 2 web, 1 for sockets, 2 workers, beat, PostgreSQL, Redis."""

from __future__ import annotations

import io
import json
import zipfile
from functools import partial
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.factories import picture
from tests.faults.conftest import Site
from tests.support.load import SKETCHES

pytestmark = pytest.mark.own_stores

SLA_S = 10  # within which a change of the catalogue must be found
SNAPSHOT = """
from webapp.registry.models import DatasetSnapshot
print(DatasetSnapshot.objects.create(name="gone", format="qmul-v1", sha256="0" * 64, folder="/nowhere").pk)
"""


@pytest.fixture(scope="module")
def running(site: Site) -> Site:
    topology = site.topology
    topology.web("web-1")
    topology.web("web-2")
    topology.sockets("ws-1")
    topology.worker("worker-1", "default,index")
    topology.worker("trainer-1", "train")
    topology.beat()
    topology.wait_ready("web-1", "web-2", "ws-1")
    return site


def sock(site: Site) -> ClientConnection:
    url = site.topology.urls["ws-1"]
    return connect(f"{url.replace('http', 'ws')}/ws/search/", origin=Origin(url))


def found(site: Site, name: str) -> list[str]:
    """Return the SKUs of all products that a web server finds."""
    answer = site.topology.post(name, "search", {"sketch": SKETCHES[0], "k": 40})
    return [row["product"]["sku"] for row in answer["results"]]


def test_a_search_over_http_and_over_a_socket_are_one(running: Site) -> None:
    answers = [running.topology.post(f"web-{n}", "search", {"sketch": SKETCHES[0], "k": 5}) for n in (1, 2)]
    with sock(running) as socket:
        assert json.loads(socket.recv(10))["type"] == "hello"
        socket.send(json.dumps({"type": "query", "seq": 1, "sketch": SKETCHES[0], "k": 5}))
        answers.append(json.loads(socket.recv(10)))
    assert len(answers[0]["results"]) == 5
    for answer in answers[1:]:
        assert answer["results"] == answers[0]["results"]
        assert answer["release"] == answers[0]["release"]


def imported(site: Site, rows: list[dict[str, Any]], photos: dict[str, bytes]) -> None:
    """Upload a feed with pictures as the operator."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in photos.items():
            archive.writestr(name, data)
    feed = "\n".join(json.dumps(row) for row in rows).encode()
    answer = httpx.post(
        f"{site.topology.urls['web-1']}/api/v1/catalog/imports/",
        files={"feed": ("feed.jsonl", feed), "images": ("images.zip", packed.getvalue())},
        headers={"Authorization": f"Bearer {site.reported['token']}"},
    )
    assert answer.status_code == 202, answer.text


def test_an_imported_product_is_found_in_time(running: Site) -> None:
    """Queue `default` imports it, queue `index` refreshes the index, and all replicas and sockets follow."""

    def finds_it(name: str) -> bool:
        return "new-1" in found(running, name)

    with sock(running) as socket:
        socket.recv(10)
        row = {"sku": "new-1", "name": "New", "category": "a", "photo": "new.png"}
        imported(running, [row], {"new.png": picture(77)})
        took = max(
            running.topology.until(partial(finds_it, name), name, within_s=60) for name in ("web-1", "web-2")
        )
        assert json.loads(socket.recv(10))["type"] == "release"
    print(f"found {took:.1f} s after its upload")
    assert took < SLA_S


def test_a_withdrawn_product_disappears_in_time(running: Site) -> None:
    """Even by bypassing the ORM, which notifies nobody: beat checks the catalogue."""
    topology = running.topology
    before = topology.get("web-1", "release/")["n_photos"]
    topology.rows("UPDATE catalog_product SET active = false WHERE sku = 'p3'")

    def lacks_it(name: str) -> bool:
        return bool(topology.get(name, "release/")["n_photos"] == before - 1)

    took = max(topology.until(partial(lacks_it, name), name, within_s=60) for name in ("web-1", "web-2"))
    print(f"out of the index {took:.1f} s after the change")
    assert took < SLA_S
    assert "p3" not in found(running, "web-1")


def test_a_run_reaches_the_trainer(running: Site) -> None:
    """Queue `train`: its dataset is missing, and the run reports it."""
    topology = running.topology
    snapshot = int(topology.shell(SNAPSHOT))
    headers = {"Authorization": f"Bearer {running.reported['token']}"}
    body = {"snapshot": snapshot, "system": "triplet-san", "profile": "cpu", "config": {}}
    run = topology.post("web-1", "runs/", body, headers)["id"]
    look = f"SELECT status, error, worker FROM registry_trainingrun WHERE id = {run}"
    topology.until(lambda: topology.rows(look)[0][0] == "failed", "the trainer", within_s=60)
    ((_, error, worker),) = topology.rows(look)
    assert "/nowhere" in error
    assert "trainer-1" in worker
