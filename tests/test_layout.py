"""Where a file belongs shows in the layout: folders instead of prefixes, folders of readable size, no import cycles."""

from __future__ import annotations

from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("annotation", "ml", "tools", "webapp")
SOURCES = (*PACKAGES, "frontend/src")
MOST_SIBLINGS = 20
MOST_OF_A_PREFIX = 2


def folders() -> list[Path]:
    """Every folder of sources, except those whose file names Django prescribes."""
    found = {path.parent for source in SOURCES for path in (ROOT / source).rglob("*") if path.suffix in KINDS}
    return sorted(folder for folder in found if not {"commands", "migrations"} & set(folder.parts))


KINDS = (".py", ".ts", ".tsx", ".css")


def modules(folder: Path, *suffixes: str) -> list[str]:
    return sorted(
        path.stem for path in folder.iterdir() if path.suffix in suffixes and path.stem != "__init__"
    )


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_is_small_and_its_files_share_no_prefix(folder: Path) -> None:
    for suffixes in ((".py",), (".ts", ".tsx"), (".css",)):
        names = modules(folder, *suffixes)
        assert len(names) <= MOST_SIBLINGS, "sort these modules into folders"
        prefixes = Counter(name.split("_")[0] for name in names)
        shared = [prefix for prefix, times in prefixes.items() if times > MOST_OF_A_PREFIX]
        assert shared == [], "a prefix that siblings share is a folder"


def test_no_files_import_each_other_in_a_cycle() -> None:
    graph = grimp.build_graph(*PACKAGES)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail("imports run in a cycle: " + " -> ".join(error.args[1]))
