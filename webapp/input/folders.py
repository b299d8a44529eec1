"""Files in folders from outside, such as a dataset, without following links that lead out of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from webapp.input.text import InputError, text_fault


def files_below(root: Path) -> Iterator[Path]:
    """Yield the files below `root` in order, without hidden ones.

    Raises InputError naming a link that leads out of `root` or back to itself, or a name that is not valid text.
    """
    home = root.resolve()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if any(part.startswith(".") for part in name.parts):
            continue
        if why := text_fault(str(name)):
            raise InputError(ascii(str(name)), why)
        if path.is_symlink() and not _target(path, name).is_relative_to(home):
            raise InputError(str(name), f"is a link that leads out of {root}; copy the file itself")
        if path.is_file():
            yield path


def _target(link: Path, name: Path) -> Path:
    """Return the target of a link. Raises InputError if it leads back to itself."""
    try:
        return link.resolve()
    except (OSError, RuntimeError) as error:  # Python 3.11 raises RuntimeError for a loop
        raise InputError(str(name), "is a link that leads back to itself; remove it") from error
