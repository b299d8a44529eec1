"""The options agree with the rows of the registry and the settings of the systems."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ml.systems.options import all_options
from ml.systems.registry import NAMES
from ml.training.renamed import RENAMED, current_names


def test_options_are_json() -> None:
    assert json.loads(json.dumps(all_options()))


def test_every_system_is_offered() -> None:
    assert {each["name"] for each in all_options()} == set(NAMES)


def test_systems_that_can_be_served_come_first() -> None:
    servable = [each["servable"] for each in all_options()]
    assert servable == sorted(servable, reverse=True)
    assert [each["name"] for each in all_options() if each["servable"]] == ["sketchfind", "sketchfind"]


@pytest.mark.parametrize(
    "system", all_options(), ids=lambda system: f"{system['name']} {system['formats'][0]}"
)
def test_every_setting_has_a_help_text(system: Any) -> None:
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


def test_old_setting_names_map_to_current_names() -> None:
    today = {
        field["name"] for each in all_options() for profile in each["profiles"] for field in profile["fields"]
    }
    assert not set(RENAMED) & today
    assert set(RENAMED.values()) <= today
    assert current_names({"average_decay": 0.9, "steps": 3}) == {"ema_decay": 0.9, "steps": 3}
