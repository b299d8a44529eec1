"""The server of a feed; no threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from pytest_django import Settings

from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from tests.webapp.catalog.feeds.turns.feeds import PATH, products_csv
from webapp.catalog.feeds import turns


@pytest.fixture
def server(settings: Settings) -> Iterator[PictureServer]:
    settings.PRIVATE_PICTURE_HOSTS = ("localhost",)
    with serve.picture_server() as running:
        running.answers[PATH] = products_csv(10, etag='"10"')
        yield running


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "Heartbeat", lambda beat: nullcontext())  # which sees no uncommitted rows
