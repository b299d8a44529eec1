"""Is there room on the disk for what is about to be written?"""

from __future__ import annotations

import shutil
from pathlib import Path

from webapp.backup.archive import ArchiveError

_SPARE_BYTES = 20_000_000


def room_check(folder: Path, n_bytes: int) -> None:
    """Raises ArchiveError where the disk that holds `folder`, which may be yet to be made, has no room for `n_bytes`."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < n_bytes + _SPARE_BYTES:
        raise ArchiveError(f"{folder}: {n_bytes / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free")
