"""Settings are parsed to their types, and refused by name."""

from pathlib import Path

import pytest

from ml.errors import ConfigError
from ml.systems.sketchfind_config import SketchfindConfig
from ml.training.config import as_json, with_overrides


def test_overrides_take_the_type_of_their_field() -> None:
    config = with_overrides(SketchfindConfig(), ["steps=7", "trunk_rate=1e-4", "quickdraw=/doodles"])
    assert (config.steps, config.trunk_rate, config.quickdraw) == (7, 1e-4, Path("/doodles"))
    assert with_overrides(config, ["quickdraw=none"]).quickdraw is None
    assert as_json(config)["quickdraw"] == "/doodles"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("stepz=7", "--set stepz"),
        ("steps=many", "--set steps"),
        ("steps", "--set steps"),
        ("code_length=12", "code_length"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        with_overrides(SketchfindConfig(), [assignment])
