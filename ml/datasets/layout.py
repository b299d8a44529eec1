"""Which layout was expected and what was found instead, and names of categories that differ in spelling."""

import re
from collections.abc import Iterable, Iterator
from textwrap import dedent, indent

from ml.datasets.files import Files
from ml.errors import DatasetError

_SHOWN = 4  # entries of each folder that is found


def wrong_layout(files: Files, tree: str) -> DatasetError:
    """Return the error for a root of another layout, with both trees; `tree` is the expected one, as in docstrings."""
    expected = indent(dedent(tree).strip("\n"), "  ")
    return DatasetError("--root", f"expected\n{expected}\nfound {files.found()}{_inside(files)}")


def _inside(files: Files) -> str:
    """Return a line for each of the first folders that were found, with their first entries."""
    here = files
    while len(here.folders()) == 1 and not here.files():
        here = here.below(here.folders()[0])
    lines = []
    for folder in here.folders()[:_SHOWN]:
        names = [f"{name}/" for name in here.folders(folder)]
        names += [name.rpartition("/")[2] for name in here.files(folder)]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        lines.append(f"\n  {folder}/: {', '.join(names[:_SHOWN]) or 'empty'}{more}")
    return "".join(lines)


def first_folder(files: Files, *names: str) -> str | None:
    """Return the first of the folders, each given by its path, that exists and is not empty."""
    return next((name for name in names if files.folders(name) or files.files(name)), None)


def spelling(category: str) -> str:
    """Return a category in one spelling; releases differ in spaces, hyphens and underscores (`hot-air_balloon`)."""
    return re.sub(r"[\s_-]+", " ", category.lower()).strip()


class Categories:
    """The categories of a dataset's first folder; those of its other folders are matched by spelling."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {spelling(name): name for name in names}

    def name(self, category: str) -> str:
        """Return the category as the first folder spells it; unknown ones unchanged."""
        return self._names.get(spelling(category), category)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())
