"""One client misbehaves within the rate limits; an honest visitor's searches stay about as fast as before.

`manage.py bench_hostile` measures more of them, on the demo's site.
"""

from __future__ import annotations

import pytest

from tests.faults.conftest import Site
from tools.hostile import site as hostile
from tools.hostile.measure import beside

ROWS = ("upload-webp-refused", "upload-webp", "sketch-50000-points", "socket-20000-points")


@pytest.fixture(scope="module")
def served(site: Site) -> hostile.Site:
    site.topology.sockets("web-1")
    site.topology.wait_ready("web-1")
    port = int(site.topology.urls["web-1"].rpartition(":")[2])
    return hostile.Site(port, site.topology.pid("web-1"))


def test_a_misbehaving_client_hardly_slows_others(served: hostile.Site, long: bool) -> None:
    for_s = 10.0 if long else 2.5
    for number, row in enumerate(ROWS, start=1):
        found = beside(served, row, number, for_s)
        print(row, found)
        assert found["failures"] == [], row
        assert found["live_failures"] == [], row
        assert found["ratio"] < 5, row
        assert found["live_ratio"] < 5, row
        assert found["memory_mb"] < 700, row
