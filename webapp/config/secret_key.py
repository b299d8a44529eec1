"""The signing key of a site on one machine, generated once."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key_of(folder: Path) -> str:
    """Return the key in `folder`, which is generated on the first start and readable by its owner only.

    Two processes that start together agree: each writes a temporary file and links it into place, which one of them can.
    """
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".secret_key.{os.getpid()}"
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass  # another process was first, and its key counts
        finally:
            aside.unlink()
    return path.read_text()
