"""The virtual environment .venv: created once, updated when the dependencies or their pins change."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable

from .failure import install_diagnosis
from .machine import disk_space_check, venv_check
from .workshop import Workshop


class Environment:
    """The virtual environment of the checkout."""

    def __init__(self, shop: Workshop) -> None:
        self.folder = shop.root / ".venv"
        self.python = self.folder / "bin" / "python"
        self._shop = shop
        self._stamp = self.folder / ".sketchfind.json"
        self._constraints = shop.root / "constraints.txt"
        project = tomllib.loads((shop.root / "pyproject.toml").read_text())["project"]
        self._base: list[str] = project["dependencies"]
        self._extras: dict[str, list[str]] = project["optional-dependencies"]

    def ensure(self, extras: Iterable[str] = (), *, need_mb: int) -> None:
        """Install the base and `extras`, unless a stamp says that they are installed. `need_mb`: disk space needed."""
        wanted, installed = set(extras), self._installed()
        if installed is not None and wanted <= installed:
            return
        venv_check()
        disk_space_check(self.folder, need_mb, "installing the Python packages")
        self._make()
        wanted |= installed or set()
        self._install(
            "Python packages", [*self._base, *(line for name in wanted for line in self._extras[name])]
        )
        self._stamp.write_text(json.dumps({"hash": self._hash(), "extras": sorted(wanted)}))

    def install_extra(self, title: str, extra: str) -> None:
        """Install one extra alone, before or beside the rest, into the existing virtual environment."""
        self._install(title, self._extras[extra])

    def _install(self, title: str, requirements: Iterable[str]) -> None:
        """Install prebuilt packages in their pinned versions; nothing is ever compiled."""
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        options = ["--only-binary=:all:", "--constraint", str(self._constraints)]
        # Modules are compiled on import; a third of the time here would go to those never imported.
        quick = ["--no-compile", "--retries", "2", "--progress-bar", "off"]
        self._shop.run(title, [*pip, *options, *quick, *requirements], diagnose=install_diagnosis)

    def _make(self) -> None:
        if not self._works("import sys; sys.exit(sys.version_info < (3, 11))"):
            self._shop.run("Virtual environment", [sys.executable, "-m", "venv", "--clear", str(self.folder)])
        elif not self._works("import pip"):  # its creation was interrupted
            self._shop.run("Virtual environment", [str(self.python), "-m", "ensurepip", "--default-pip"])

    def _works(self, code: str) -> bool:
        try:
            return subprocess.run([self.python, "-c", code], capture_output=True).returncode == 0
        except OSError:
            return False

    def _installed(self) -> set[str] | None:
        """Return the extras installed beside the base; None if the base is missing or outdated."""
        try:
            stamp = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return None
        return set(stamp["extras"]) if stamp["hash"] == self._hash() and self._works("") else None

    def _hash(self) -> str:
        wanted = json.dumps([self._base, self._extras, self._constraints.read_text()])
        return hashlib.sha256(wanted.encode()).hexdigest()
