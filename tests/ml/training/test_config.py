"""Settings are parsed to their types; errors name the setting."""

from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from ml.errors import ConfigError
from ml.systems.sketchfind.config import SketchfindConfig
from ml.training.config import BaseConfig, as_json, documented, with_overrides


def test_overrides_are_parsed_to_the_type_of_their_field() -> None:
    config = with_overrides(SketchfindConfig(), ["steps=7", "trunk_lr=1e-4", "quickdraw=/doodles"])
    assert (config.steps, config.trunk_lr, config.quickdraw) == (7, 1e-4, Path("/doodles"))
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


@dataclass(frozen=True, kw_only=True)
class StagedConfig(BaseConfig):
    skip: tuple[int, ...] = documented((), "stages to skip")


def test_choices_and_lists_are_parsed() -> None:
    config = with_overrides(
        StagedConfig(), ["optimizer=sgd", "skip=1,3", "grad_clip_norm=none", "patience=4", "final=false"]
    )
    assert (config.optimizer, config.skip, config.grad_clip_norm, config.patience) == ("sgd", (1, 3), None, 4)
    with pytest.raises(ConfigError, match="--set optimizer: 'adam', expected one of adamw, sgd"):
        with_overrides(StagedConfig(), ["optimizer=adam"])
    with pytest.raises(ConfigError, match="--set skip"):
        with_overrides(StagedConfig(), ["skip=1,two"])


@pytest.mark.parametrize(
    "assignment",
    [
        "steps=0",
        "batch_size=0",
        "warmup=1",
        "ema_decay=1.5",
        "learning_rate=0",
        "grad_clip_norm=-1",
        "weight_decay=-1",
    ],
)
def test_a_shared_setting_out_of_range_is_refused_by_name(assignment: str) -> None:
    with pytest.raises(ConfigError, match=assignment.partition("=")[0]):
        with_overrides(BaseConfig(), [assignment])


def test_a_final_run_cannot_stop_on_the_validation_split_it_trains_on() -> None:
    with pytest.raises(ConfigError, match="patience: contradicts final"):
        with_overrides(BaseConfig(), ["patience=3", "final=true"])


def test_every_shared_setting_is_documented() -> None:
    assert all(field.metadata["help"] for field in fields(BaseConfig))
