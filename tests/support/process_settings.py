"""The site's settings where each process of the tests has its own Redis: REDIS_URL_GW0, REDIS_URL_GW1..."""

import os

_name = f"REDIS_URL_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0').upper()}"
os.environ["REDIS_URL"] = os.environ.get(_name, os.environ.get("REDIS_URL", ""))

from webapp.settings import *  # noqa: E402, F403
