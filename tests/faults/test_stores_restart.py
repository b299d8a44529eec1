"""PostgreSQL and Redis are killed and restarted while visitors search and workers vote."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from tests.faults.conftest import Site
from tests.support.load import Load

pytestmark = pytest.mark.own_stores

REPLICAS = ("web-1", "web-2")


@pytest.fixture(scope="module")
def served(site: Site) -> Site:
    for name in REPLICAS:
        site.topology.web(name)
    site.topology.worker("worker-1", "default,index")
    site.topology.wait_ready(*REPLICAS)
    return site


class Voter:
    """A crowd worker who votes continuously and records what was acknowledged."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.acknowledged: list[int] = []
        self.refusals: list[tuple[int, str]] = []
        self._numbers = itertools.count()
        campaign = site.reported["campaign"]
        joined = site.topology.post("web-1", f"campaigns/{campaign}/join", {"consent": True})
        self.token = joined["worker_token"]

    def work(self, stop: threading.Event) -> None:
        """Claim and answer until stopped."""
        campaign = self.site.reported["campaign"]
        while not stop.is_set():
            taken = self._posted(f"campaigns/{campaign}/next", {}) or {}
            for card in taken.get("assignments", []):
                if self._voted(card["id"], stop):
                    self.acknowledged.append(card["id"])
            sleep(0.1)

    def _voted(self, assignment: int, stop: threading.Event) -> bool:
        """Send one answer until it is acknowledged, always with the same key, so that it counts once."""
        key = f"{self.name}-{next(self._numbers):06}"
        body = {"choice": "left", "response_ms": 900, "idempotency_key": key}
        while not stop.is_set():
            if self._posted(f"assignments/{assignment}/vote", body):
                return True
            sleep(0.1)
        return False

    def _posted(self, path: str, body: dict[str, Any]) -> Any:
        replica = self.site.topology.urls[REPLICAS[0]].removeprefix("http://")
        connection = HTTPConnection(replica, timeout=20)
        headers = {"Content-Type": "application/json", "Authorization": f"Worker {self.token}"}
        try:
            connection.request("POST", f"/api/v1/{path}", json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException) as error:
            self.refusals.append((0, str(error)))
            return None
        finally:
            connection.close()
        if answer.status == 200:
            return json.loads(text)
        if answer.status != 204:
            self.refusals.append((answer.status, text))
        return None


def votes_stored(site: Site) -> list[int]:
    return [assignment for (assignment,) in site.topology.rows("SELECT assignment_id FROM annotation_vote")]


def ready(site: Site, name: str) -> bool:
    try:
        site.topology.get(name, "categories/")
    except (HTTPError, URLError):
        return False
    return True


def test_postgresql_restarted(served: Site, long: bool) -> None:
    """Search keeps answering from memory; votes are refused with 503, then accepted; none is lost or duplicated."""
    urls = [served.topology.urls[name] for name in REPLICAS]
    voters = [Voter(served, f"voter-{n}") for n in range(2)]
    stop = threading.Event()
    with Load(urls, per_s=20) as load, ThreadPoolExecutor(2) as pool:
        voting = [pool.submit(voter.work, stop) for voter in voters]
        for _ in range(5 if long else 1):
            sleep(3)
            served.stores.kill("postgresql")
            killed = monotonic()
            sleep(5)
            served.stores.start("postgresql")
            back = monotonic()
            recovered = served.topology.until(lambda: ready(served, "web-1"), "reads", within_s=10)
            sleep(3)
        stop.set()
        for each in voting:
            each.result()

    assert load.errors == []
    during = [a for a in load.answers if killed < a.sent_at < back]
    assert len(during) > 50
    slowest = max(a.at - a.sent_at for a in during)
    print(f"away: {len(during)} searches, slowest {slowest * 1e3:.0f} ms; recovered in {recovered:.1f} s")
    assert slowest < 5
    statuses = {status for voter in voters for status, _ in voter.refusals}
    assert 503 in statuses
    assert statuses <= {503}, [
        refusal for voter in voters for refusal in voter.refusals if refusal[0] != 503
    ][:3]
    stored = votes_stored(served)
    acknowledged = [assignment for voter in voters for assignment in voter.acknowledged]
    assert len(acknowledged) > 10
    assert len(set(stored)) == len(stored)
    assert set(acknowledged) <= set(stored)


def test_redis_restarted(served: Site, long: bool) -> None:
    """Search and votes continue without it; a job sent afterwards runs."""
    topology = served.topology
    urls = [topology.urls[name] for name in REPLICAS]
    voter = Voter(served, "voter-of-redis")
    stop = threading.Event()
    with Load(urls, per_s=20) as load, ThreadPoolExecutor(1) as pool:
        voting = pool.submit(voter.work, stop)
        for _ in range(5 if long else 1):
            sleep(2)
            served.stores.kill("redis")
            killed = monotonic()
            sleep(4)
            served.stores.start("redis")
            back = monotonic()
            sleep(2)
        stop.set()
        voting.result()
    assert load.errors == []
    slowest = max(a.at - a.sent_at for a in load.answers if killed < a.sent_at < back)
    print(f"away: slowest search {slowest * 1e3:.0f} ms")
    assert slowest < 5
    assert {status for status, _ in voter.refusals} <= {503}
    assert set(voter.acknowledged) <= set(votes_stored(served))

    before = topology.get("web-1", "release/")["id"]
    code = "from webapp.catalog.models import Product; Product.objects.filter(pk=%d).update(active=False)"
    topology.shell(code % served.reported["products"][0])
    took = topology.until(
        lambda: topology.get("web-2", "release/")["id"] != before, "the index without it", within_s=30
    )
    print(f"a job ran {took:.1f} s after it was requested")
