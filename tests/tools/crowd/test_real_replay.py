"""Real votes of Shoe-V1 and Chair-V1 through the real API: the first sketches of each (the command uses them all)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_store,
    pytest.mark.slow,
]


@pytest.mark.parametrize(("category", "early"), [("shoes", False), ("chairs", False), ("chairs", True)])
def test_the_majority_of_what_went_through_the_api_is_that_of_the_file(
    live_server: LiveServer, capsys: pytest.CaptureFixture[str], category: str, early: bool
) -> None:
    root = Path(os.environ["SKETCHFIND_DATA"]) / "qmul-v1.zip" / "qmul-v1" / category
    call_command(
        "crowd_replay", root=root, sketches=2, url=live_server.url, workers=6, stop_when_decided=early
    )
    said = capsys.readouterr().out
    assert "majority equals the file's on all 90 pairs" in said
    assert ("270 votes in" in said) != early
