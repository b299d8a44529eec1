"""Check that a disk has room for what is about to be written."""

from __future__ import annotations

import shutil
from pathlib import Path

from webapp.backup.archive import ArchiveError

_SPARE_BYTES = 20_000_000


def disk_space_check(folder: Path, n_bytes: int) -> None:
    """Raise ArchiveError if the disk of `folder`, which need not exist yet, has less than `n_bytes` free."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < n_bytes + _SPARE_BYTES:
        raise ArchiveError(f"{folder}: needs {n_bytes / 1e6:.0f} MB, has {free / 1e6:.0f} MB free")
