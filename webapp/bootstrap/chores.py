"""`make demo-reset`, `make bench` and `make soak`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from .console import Console
from .packages import Environment
from .suite import EXTRAS, PACKAGES_MB
from .supervisor import Family
from .workshop import Workshop

BENCHMARKS = ("query", "hamming", "two-stage", "raster", "augment")


def demo_reset(root: Path, environ: Mapping[str, str]) -> int:
    """Deletes the folder var/."""
    shutil.rmtree(root / "var", ignore_errors=True)
    print("var/ is gone; make demo starts anew")
    return 0


def bench(root: Path, environ: Mapping[str, str]) -> int:
    """Runs every benchmark, one after the other, their figures shown; 1 where one failed."""
    return _each(root, environ, [["ml", "bench", name] for name in BENCHMARKS])


def soak(root: Path, environ: Mapping[str, str]) -> int:
    """Runs the fault tests, as far as there are any."""
    if not (root / "tests" / "faults").is_dir():
        print("make soak will hold the long load and fault runs; tests/faults has none yet")
        return 0
    return _each(root, environ, [["pytest", "tests/faults"]])


def _each(root: Path, environ: Mapping[str, str], modules: list[list[str]]) -> int:
    with Console() as console, Family() as family:
        environment = Environment(Workshop(root, environ, family, console))
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        for module in modules:
            console.line(" ".join(module))
            command = [str(environment.python), "-m", *module]
            if family.call(module[0], command, cwd=root, env=environ) != 0:
                return 1
    return 0
