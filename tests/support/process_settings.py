"""Settings that give each test process its own Redis: the nth of SKETCHFIND_TEST_REDIS_URLS."""

import os

_number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_urls = os.environ["SKETCHFIND_TEST_REDIS_URLS"].split()
os.environ["SKETCHFIND_REDIS_URL"] = _urls[
    _number % len(_urls)
]  # xdist gives a crashed process's successor a new number

from webapp.settings import *  # noqa: E402, F403
