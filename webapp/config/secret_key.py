"""The signing key of a site on one machine, made once."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key_of(folder: Path) -> str:
    """The key in `folder`, written on the first start, readable by its owner alone.

    Two processes that start together agree: the key is written aside and linked into place, as only one can.
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
            pass  # another process was first; its key holds
        finally:
            aside.unlink()
    return path.read_text()
