"""A small dataset of pairs and a folder of recipes for it, which train in a second."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ml.reproduce.recipe import Recipes
from ml.reproduce.running import Options
from tests.support import layouts

ROWS = {
    "hog": 'row = "Hats: HOG"\nbaseline = "hog"\nresult = "hats-hog"',
    "lsh": """row = "Hats: LSH"
baseline = "hash-lsh"
bits = [16, 32]
result = "hats-lsh-{bits}"
""",
    "san": """row = "Hats: Our model"
system = "triplet-san"
label = "tiny"
result = "hats-san"

[settings]
steps = 2
validate_every = 1
batch_size = 4
precision = "fp32"
test_crops = 1
""",
    "cannot-run": '"Hats: 3DS" = "not built here"\n',
}
PLACE = 'format = "qmul-v1"\nroot = "$SKETCHFIND_DATA/hats"\n'


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data with the dataset `hats`: one category, 20 train and 4 test pairs."""
    torch.set_num_threads(1)
    monkeypatch.setenv("SKETCHFIND_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SKETCHFIND_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    layouts.write_qmul_v1(tmp_path / "data" / "hats")
    return tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of recipes: the table `small/table-1`."""
    table = tmp_path / "recipes" / "small" / "table-1"
    table.mkdir(parents=True)
    for stem, text in ROWS.items():
        placed = text if stem == "cannot-run" else with_place(text)
        (table / f"{stem}.toml").write_text(placed)
    return tmp_path / "recipes"


def with_place(text: str) -> str:
    """Return a recipe's text with the dataset, which TOML wants before the settings."""
    head, mark, settings = text.partition("[settings]")
    return f"{head}\n{PLACE}{mark}{settings}"


@pytest.fixture
def recipes(folder: Path) -> Recipes:
    return Recipes(folder)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(runs=tmp_path / "runs", results=tmp_path / "results")
