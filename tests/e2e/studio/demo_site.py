"""The demo as in `make demo`, on the test's own stores: web, worker with beat, trainer."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.site_process import ROOT, START_S, Site
from tools.bootstrap.console import Console
from tools.bootstrap.demo import celery, servers_start
from tools.bootstrap.packages import Environment
from tools.bootstrap.services import Services
from tools.bootstrap.supervisor import Family
from tools.bootstrap.workshop import Workshop

CAMPAIGNS = """
from django.utils import timezone
from tools.demo.campaigns import demo_campaigns_open
from tests.e2e.studio import chairs
demo_campaigns_open(now=timezone.now())
chairs.make()
"""


class DemoSite(Site):
    """All of the demo's processes. Its catalogue is that of the browser tests."""

    def prepare(self) -> None:
        self.environ["OMP_NUM_THREADS"] = (
            "1"  # threads that wait for one another are very slow on a busy machine
        )
        super().prepare()
        self.manage("shell", "--no-imports", "--command", CAMPAIGNS)

    def start(self) -> None:
        """Start every process, and wait until the web process can answer searches."""
        self._children = ExitStack()
        console = self._children.enter_context(Console(io.StringIO()))
        family = self._children.enter_context(Family())
        shop = Workshop(ROOT, self.environ, family, console)
        environment = Environment(shop)
        environment.python = Path(sys.executable)
        services = Services(family, console)
        servers_start(shop, services, environment, self.port, self.folder)
        services.tend()
        trainer = celery(environment, "train", f"trainer-{self.port}")
        family.start("trainer", trainer, cwd=ROOT, env=self.environ, log=self.folder / "trainer.log")
        deadline = time.monotonic() + START_S
        while not self._ready():
            assert family.first_ended() is None, self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.1)

    def stop(self) -> None:
        self._children.close()

    def crowd(self, campaign: str, *options: str) -> subprocess.Popen[bytes]:
        """Start a simulated crowd that votes over HTTP."""
        command = [sys.executable, "manage.py", "crowd_simulate", campaign, "--url", self.url, *options]
        with (self.folder / "crowd.log").open("wb") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)

    def logs(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))
