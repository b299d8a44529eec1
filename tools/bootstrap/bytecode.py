"""Keep compiled modules, so that not every process compiles Django, onnxruntime and torch again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def with_bytecode(environ: Mapping[str, str], environment: Path) -> dict[str, str]:
    """Return `environ` with which Python keeps bytecode, also where PYTHONDONTWRITEBYTECODE asks it not to.

    Images of containers set that variable. The packages are installed without bytecode, so that a start of the site would
    take 5 s instead of 2. The sources stay free of bytecode as asked: it goes into the folder of the virtual environment.
    """
    if not environ.get("PYTHONDONTWRITEBYTECODE"):
        return dict(environ)
    bytecode = environ.get("PYTHONPYCACHEPREFIX") or str(environment / "bytecode")
    return {**environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
