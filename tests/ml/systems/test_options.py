"""options.json tells what the systems' own classes say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ml.systems.options import OPTIONS, all_options
from ml.systems.registry import SYSTEMS


def test_the_committed_file_is_up_to_date() -> None:
    """`python -m ml options --write` refreshes it."""
    assert json.loads(OPTIONS.read_text("utf-8")) == json.loads(json.dumps(all_options()))


def test_every_system_is_offered() -> None:
    assert {each["name"] for each in all_options()} == set(SYSTEMS)


@pytest.mark.parametrize(
    "system", all_options(), ids=lambda system: f"{system['name']} {system['formats'][0]}"
)
def test_every_setting_says_what_it_is_for(system: Any) -> None:
    for profile in system["profiles"]:
        names = [field["name"] for field in profile["fields"]]
        assert len(names) == len(set(names)) > 5
        for field in profile["fields"]:
            assert field["help"], field["name"]
            assert (field["type"] == "choice") == (field["choices"] is not None)
            if field["choices"]:
                assert field["default"] in field["choices"]
            if field["default"] is None:
                assert field["optional"]
