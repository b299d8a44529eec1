"""Which row of the registry a command selects, and that importing the registry is cheap."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml.datasets.formats import FORMATS, names_of
from ml.errors import ConfigError, ModelError
from ml.models.efficientnet_lite import lite0_blocks
from ml.models.gdh.config import LITE0_BLOCKS
from ml.systems.registry import SYSTEMS, System, find_system, load_scorer


def test_settings_and_options_import_no_torch() -> None:
    program = (
        "import sys, ml.api, ml.systems.options as options; from ml.systems.registry import SYSTEMS;"
        "[row.profiles for row in SYSTEMS]; options.all_options();"
        "assert not {'torch', 'torchvision', 'safetensors', 'onnx'} & sys.modules.keys(), 'too much was imported'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


@pytest.mark.parametrize("row", SYSTEMS, ids=lambda row: f"{row.name} {row.learns_from}")
def test_every_row_can_be_trained_and_the_first_of_each_name_loaded(row: System) -> None:
    module = row.load_module()
    assert callable(module.train)
    first = next(each for each in SYSTEMS if each.name == row.name)
    assert first is not row or callable(module.load)
    assert row.formats


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_every_format_has_a_reader(row: object) -> None:
    assert callable(getattr(row, "read"))  # noqa: B009  the property imports it


@pytest.mark.parametrize(
    ("name", "format", "profile", "module"),
    [
        ("sketchfind", "catalogue", "cpu", "sketchfind.release"),
        ("sketchfind", "snapshot", "fine-tune", "fine_tune.training"),
        ("sketchfind", "qmul-v1", "cpu", "pairs.training"),
        ("sketchfind-pairs", "qmul-v1", "gpu", "pairs.training"),
        ("gdh", "sketchy", "cpu-category", "gdh.training"),
        ("sketchmate", "snapshot", "cpu", "sketchmate.training"),
    ],
)
def test_a_name_selects_one_row_per_format(name: str, format: str, profile: str, module: str) -> None:
    assert find_system(name, format, profile).module == module


@pytest.mark.parametrize(
    ("name", "format", "profile", "error"),
    [
        ("sketch", "qmul-v1", "cpu", "--system: 'sketch' is unknown"),
        (
            "dssa",
            "catalogue",
            "cpu",
            "--system: 'dssa' cannot be trained on format catalogue; use sketchfind",
        ),
        ("sketchfind-pairs", "catalogue", "cpu", "cannot be trained on format catalogue"),
        (
            "sketchfind",
            "qmul-v1",
            "fast",
            "--profile: 'fast' is unknown; expected one of cpu, gpu, fine-tune",
        ),
        (
            "sketchfind",
            "catalogue",
            "fine-tune",
            "--profile: 'fine-tune' is unknown; expected one of cpu, gpu",
        ),
    ],
)
def test_unsupported_combinations_are_refused(name: str, format: str, profile: str, error: str) -> None:
    with pytest.raises(ConfigError) as refused:
        find_system(name, format, profile)
    assert error in str(refused.value)


def test_a_folder_without_the_second_name_is_read_as_pairs(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"system": "sketchfind", "config": {}}))
    with pytest.raises(ModelError, match=r"not a manifest that names weights\.safetensors"):
        load_scorer(tmp_path)  # the error of `sketchfind-pairs`; `sketchfind` would require files to serve


def test_formats_are_grouped_by_their_use() -> None:
    assert names_of() == tuple(row.name for row in FORMATS)
    assert "sketchy" in names_of("pairs")
    assert "sketchy" in names_of("drawings")
    assert names_of("catalogue") == ("catalogue",)


def test_lite0_has_as_many_blocks_as_the_settings_allow() -> None:
    assert len(lite0_blocks()) == LITE0_BLOCKS
