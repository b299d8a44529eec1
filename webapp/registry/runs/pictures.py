"""Pictures that a training drew (sheets of queries, migrated images), kept for its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from webapp.registry.models import TrainingRun
from webapp.stores import artifacts

_INDEX = "pictures.json"
_MOST = 60
_LARGEST_BYTES = 8_000_000


class Picture(TypedDict):
    name: str  # path below the run's folder
    caption: str


def pictures_publish(*, run: TrainingRun, folder: Path) -> list[Picture]:
    """Copies the pictures of a run's folder into the storage; they never change afterwards."""
    found = sorted(path for path in folder.rglob("*.png") if path.stat().st_size <= _LARGEST_BYTES)
    names = [path.relative_to(folder).as_posix() for path in found][:_MOST]
    pictures: list[Picture] = [{"name": name, "caption": _caption(name)} for name in names]
    if pictures:
        (folder / _INDEX).write_text(json.dumps(pictures))
        artifacts.publish(folder, run.pictures_folder, names, last=_INDEX)
    return pictures


def _caption(name: str) -> str:
    """`migrated/step-400.png` -> "migrated, step 400"."""
    return name.removesuffix(".png").replace("/", ", ").replace("-", " ").replace("_", " ")
