"""Pictures that a training drew (sheets of queries, migrated images), stored for its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from webapp.registry.models import TrainingRun
from webapp.stores import artifacts

_INDEX = "pictures.json"
_MAX_PICTURES = 60
_MAX_BYTES = 8_000_000


class Picture(TypedDict):
    name: str  # path below the run's folder
    caption: str


def pictures_publish(*, run: TrainingRun, folder: Path) -> list[Picture]:
    """Copy the pictures in a run's folder to the storage; they never change afterwards."""
    found = sorted(path for path in folder.rglob("*.png") if path.stat().st_size <= _MAX_BYTES)
    names = [path.relative_to(folder).as_posix() for path in found][:_MAX_PICTURES]
    pictures: list[Picture] = [{"name": name, "caption": _caption(name)} for name in names]
    if pictures:
        (folder / _INDEX).write_text(json.dumps(pictures))
        artifacts.publish(folder, run.pictures_folder, names, last=_INDEX)
    return pictures


def _caption(name: str) -> str:
    """Return a caption: `migrated/step-400.png` -> "migrated, step 400"."""
    return name.removesuffix(".png").replace("/", ", ").replace("-", " ").replace("_", " ")
