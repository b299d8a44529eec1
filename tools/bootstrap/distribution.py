"""Programs that the tests need from the system: found, or installed if apt is available and we are root."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .failure import Failure, install_diagnosis
from .workshop import Workshop


@dataclass(frozen=True, slots=True)
class Program:
    """A program by its possible names, and the Debian package that contains it."""

    package: str
    names: tuple[str, ...]
    folders: tuple[str, ...] = ()

    def find(self, environ: Mapping[str, str]) -> Path | None:
        """Return its path: on PATH, else in one of `folders` (patterns; the last match is the newest version)."""
        for name in self.names:
            if found := shutil.which(name, path=environ.get("PATH")):
                return Path(found)
            for folder in self.folders:
                if matches := sorted(Path("/").glob(f"{folder}/{name}")):
                    return matches[-1]
        return None


CHROMIUM = Program("chromium", ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
POSTGRESQL = Program(
    "postgresql", ("initdb",), ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin")
)
REDIS = Program("redis-server", ("redis-server",))
QEMU = Program("qemu-user", ("qemu-x86_64",))  # runs a test's program on an emulated processor


def programs_ensure(
    shop: Workshop, *programs: Program, is_root: Callable[[], bool] = lambda: os.geteuid() == 0
) -> list[Path]:
    """Return the path of each program. Raises Failure naming what to install if we may not install it ourselves."""
    missing = [program.package for program in programs if program.find(shop.environ) is None]
    if missing:
        command = f"apt-get install {' '.join(missing)}"
        if not is_root() or not shutil.which("apt-get", path=shop.environ.get("PATH")):
            raise Failure(f"the tests need {', '.join(missing)}; install the missing packages: {command}")
        shop.run("Debian's package lists", ["apt-get", "update"], diagnose=install_diagnosis)
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
        shop.run(
            f"Debian packages {' '.join(missing)}",
            install,
            environ={"DEBIAN_FRONTEND": "noninteractive"},
            diagnose=install_diagnosis,
        )
    found = [program.find(shop.environ) for program in programs]
    if None in found:
        raise Failure(f"{programs[found.index(None)].package} was installed, but its program cannot be found")
    return [path for path in found if path is not None]
