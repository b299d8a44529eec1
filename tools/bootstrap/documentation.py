"""`make docs`: the documentation site, as a folder that the site serves, and that also works without it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from .console import Console
from .packages import Environment
from .supervisor import Family
from .workshop import Workshop, variables

EXTRAS = ("docs",)
PACKAGES_MB = 1_600
SITE = "site"  # as in mkdocs.yml


def docs(root: Path, environ: Mapping[str, str]) -> int:
    """Install what is needed and build `site/`; a broken link is a failure."""
    with (
        tempfile.TemporaryDirectory(prefix="sketchfind-") as temporary,
        Console() as console,
        Family() as family,
    ):
        shop = Workshop(root, environ, family, console)
        environment = Environment(shop)
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        # The reference of commands and endpoints loads the site's settings, which must not touch a site's database.
        known = variables(secret_key="docs" * 10, data_dir=temporary, debug="", database_url="", redis_url="")
        known |= {"PYTHONPATH": str(root), "NO_MKDOCS_2_WARNING": "1"}
        command = [str(environment.python), "-m", "mkdocs", "build", "--strict"]
        if not shop.check("Documentation", command, environ=known):
            return 1
        console.line(f"built: {root / SITE / 'index.html'}")
        return 0
