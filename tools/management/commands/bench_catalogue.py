"""`manage.py bench_catalogue`: import and index a large catalogue in a throw-away site, by one worker and by several."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ml.hardware import processor
from tools.bench.renders import renders_write
from tools.bench.shares import shares
from webapp.config.environment import environment_inherited
from webapp.registry.indexes.builds import index_build_request
from webapp.registry.models import IndexBuild
from webapp.registry.releases.services import model_register
from webapp.registry.wake import index_build_wake

_SAMPLED = 200
_POLL_S = 0.2


class Command(BaseCommand):
    help = "Measures an import of generated products, and index builds by one and by several Celery workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", type=Path, default=settings.BASE_DIR / "ml" / "zoo" / "sketchfind")
        parser.add_argument("--photos", type=int, default=2_000)
        parser.add_argument("--side-px", type=int, default=800)
        parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
        parser.add_argument("--threads", type=int, default=1, help="of each worker")
        parser.add_argument("--inside", type=Path, help="(internal) the throw-away site's folder")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["inside"]:
            self.stdout.write(json.dumps(_measure(options)))
            return
        with TemporaryDirectory(prefix="bench-catalogue-") as folder:
            passed = ["--model", options["model"], "--photos", options["photos"]]
            passed += ["--side-px", options["side_px"], "--threads", options["threads"]]
            passed += ["--workers", *options["workers"], "--inside", folder]
            subprocess.run(
                _manage("bench_catalogue", *map(str, passed)),
                env=_environment(folder, options),
                check=True,
            )


def _measure(options: dict[str, Any]) -> dict[str, Any]:
    folder, n = options["inside"], options["photos"]
    _run(_manage("migrate", "-v0"))
    (folder / "shop").mkdir()
    feed = renders_write(folder / "shop", n, side_px=options["side_px"])
    imported = _run(_manage("catalog_import", str(feed)))
    pictures = [(folder / "shop" / f"{number}.jpg").read_bytes() for number in range(min(n, _SAMPLED))]
    cost = shares(pictures, options["model"])
    model = model_register(folder=options["model"])
    builds = {}
    for workers in options["workers"]:
        IndexBuild.objects.update(status=IndexBuild.Status.FAILED)  # so that no build reuses another's rows
        builds[workers] = _build(model, workers, n)
    bare = 1e3 / cost["index_encode"]
    return {
        "photos": n,
        "side_px": options["side_px"],
        "processor": processor().as_json(),
        "seconds_per_1000": cost,
        "bare_encoder_photos_per_s_and_core": round(bare, 1),
        "import": {**imported, "photos_per_s": round(n / imported["wall_s"], 1)},
        "builds": builds,
        "load": os.getloadavg()[0],
    }


def _build(model: Any, n_workers: int, n_photos: int) -> dict[str, Any]:
    """Build an index with so many workers; the time is from the request to the checked index."""
    command = ["-m", "celery", "-A", "webapp", "worker", "-Q", "index", "-P", "solo", "-l", "ERROR"]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_Worker([sys.executable, *command, "-n", f"bench{number}"]))
            for number in range(n_workers)
        ]
        sleep(15)  # they start
        build = index_build_request(model=model)
        began = perf_counter()
        index_build_wake(build)
        while build.status in {IndexBuild.Status.QUEUED, IndexBuild.Status.RUNNING}:
            sleep(_POLL_S)
            build.refresh_from_db()
        wall_s = perf_counter() - began
    assert build.status == IndexBuild.Status.READY, build.error
    return {
        "wall_s": round(wall_s, 1),
        "photos_per_s": round(n_photos / wall_s, 1),
        "worker_cpu_s": [round(worker.cpu_s, 1) for worker in workers],
        "worker_peak_mb": [round(worker.peak_mb) for worker in workers],
    }


class _Worker:
    """A process, with what it has used once it has ended."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self.cpu_s = self.peak_mb = 0.0

    def __enter__(self) -> _Worker:
        self._process = subprocess.Popen(self._command, cwd=settings.BASE_DIR)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self.wait()

    def wait(self) -> None:
        """Wait for its end. Raises CalledProcessError if it failed."""
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_s, self.peak_mb = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _run(command: list[str]) -> dict[str, float]:
    """Run a command; return its seconds, processor seconds and peak memory."""
    began, worker = perf_counter(), _Worker(command)
    worker.__enter__()
    worker.wait()
    if worker._process.returncode:
        raise subprocess.CalledProcessError(worker._process.returncode, command)
    return {
        "wall_s": round(perf_counter() - began, 1),
        "cpu_s": round(worker.cpu_s, 1),
        "peak_mb": round(worker.peak_mb),
    }


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _environment(folder: str, options: dict[str, Any]) -> dict[str, str]:
    own = {"DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": "", "MEDIA_URL": "", "SECRET_KEY": ""}
    own |= {"INDEX_THREADS": str(options["threads"]), "LOG_LEVEL": "WARNING"}
    inherited = {name: value for name, value in environment_inherited().items() if name not in own}
    return {
        **inherited,
        **{f"SKETCHFIND_{name}": value for name, value in own.items()},
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
