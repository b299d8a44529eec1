"""`manage.py bench_capacity`: measure the searches per second of one web process, and of the bare encoder.

The encoder's own rate is that of as many threads as there are cores, each of which runs the ONNX session on sketches
that are already rasterised, one at a time. All measurements are interleaved in one run, so that a busy machine slows all
alike; processor time per answer is less affected than answers per second.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from numpy.typing import NDArray

from ml.benchmarks.query import scribble
from ml.hardware import processor
from ml.serving.encoder import Encoder
from ml.sketch.raster import rasterise
from ml.sketch.strokes import parse_sketch
from tools.bench.clients import Driven, drive
from tools.bootstrap.machine import HOST, port_free
from tools.bootstrap.probe import search_trouble
from tools.bootstrap.supervisor import Family
from tools.bootstrap.workshop import variables
from webapp.config.environment import environment_inherited
from webapp.registry.releases import live
from webapp.registry.runs.process.machine import processor_seconds

_CONF = settings.BASE_DIR / "docker" / "gunicorn.conf.py"
_KINDS = {"uvicorn": ("rest", "socket", "healthz"), "gunicorn": ("rest", "healthz")}
_READY_S = 90.0
_NO_LIMITS = variables(
    api_rate="1000000/min",
    search_rate="1000000/min",
    live_queries_per_s="1000",
    live_sockets_per_address="1000",
)


class Command(BaseCommand):
    help = "Measure the answers per second of one web process with the live release, and of the bare encoder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--server", choices=_KINDS, default="uvicorn", help="as in the demo, or in production"
        )
        parser.add_argument(
            "--clients", type=int, default=4 * (os.cpu_count() or 1), help="concurrent clients"
        )
        parser.add_argument("--turns", type=int, default=8)
        parser.add_argument("--turn-s", type=float, default=1.0, help="seconds per measurement and round")

    def handle(self, *args: Any, **options: Any) -> None:
        release = live.current()
        if release is None:
            raise CommandError("no release is live: run `manage.py demo_prepare`")
        sketches = [scribble(seed) for seed in range(50)]
        kinds, for_s = _KINDS[options["server"]], options["turn_s"]
        bare = _Rate()
        rates = {kind: _Rate() for kind in kinds}
        with (
            _served(options["server"]) as (port, pid),
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other,
        ):
            for turn in range(-1, options["turns"]):
                bare.add(_encoded(release.encoder, sketches, for_s), counts=turn >= 0)
                for kind in kinds:
                    before = processor_seconds(pid)
                    driven = other.submit(drive, kind, port, sketches, options["clients"], for_s).result()
                    rates[kind].add(driven, processor_seconds(pid) - before, counts=turn >= 0)
        report: dict[str, Any] = {
            "processor": processor().as_json(),
            "server": options["server"],
            "cores": os.cpu_count(),
            "clients": options["clients"],
            "precision": release.precision,
            "n_gallery": release.n_photos,
            "bare_encoder_per_s": round(bare.per_s, 1),
            "bare_encoder_cpu_ms": round(bare.clients_cpu_ms, 3),
        }
        for kind, rate in rates.items():
            p50, p95 = np.percentile(rate.times_s, [50, 95]) * 1e3
            report |= {
                f"{kind}_per_s": round(rate.per_s, 1),
                f"{kind}_to_bare": round(rate.per_s / bare.per_s, 3),
                f"{kind}_p50_ms": round(float(p50), 2),
                f"{kind}_p95_ms": round(float(p95), 2),
                f"{kind}_server_cpu_ms": round(rate.server_cpu_ms, 3),
                f"{kind}_clients_cpu_ms": round(rate.clients_cpu_ms, 3),
                f"{kind}_cpu_to_bare": round(
                    bare.clients_cpu_ms / (rate.server_cpu_ms + rate.clients_cpu_ms), 3
                ),
            }
        self.stdout.write(json.dumps(report))


class _Rate:
    """The sum of one measurement's rounds; the first warms up and does not count."""

    def __init__(self) -> None:
        self.times_s: list[float] = []
        self._wall_s = self._clients_s = self._server_s = 0.0

    def add(self, driven: Driven, server_s: float = 0.0, *, counts: bool) -> None:
        if counts:
            self.times_s += driven.times_s
            self._wall_s += driven.wall_s
            self._clients_s += driven.clients_cpu_s
            self._server_s += server_s

    @property
    def per_s(self) -> float:
        return len(self.times_s) / self._wall_s

    @property
    def clients_cpu_ms(self) -> float:
        return self._clients_s * 1e3 / len(self.times_s)

    @property
    def server_cpu_ms(self) -> float:
        return self._server_s * 1e3 / len(self.times_s)


def _encoded(encoder: Encoder, sketches: list[dict[str, Any]], for_s: float) -> Driven:
    """Run the bare encoder on all cores for `for_s` seconds."""
    domain = np.array([encoder.manifest.inputs["sketch"]], np.int64)
    images = [rasterise(parse_sketch(sketch), encoder.raster) for sketch in sketches]
    feeds: list[dict[str, NDArray[Any]]] = [
        {"image": np.repeat(image[None, None], 3, axis=1).astype(np.float32), "domain": domain}
        for image in images
    ]
    times: list[float] = []
    started, cpu_began = perf_counter(), process_time()

    def keep_encoding() -> None:
        for feed in cycle(feeds):
            if (sent_at := perf_counter()) - started > for_s:
                return
            encoder.run_bare(feed)
            times.append(perf_counter() - sent_at)

    threads = [threading.Thread(target=keep_encoding) for _ in range(os.cpu_count() or 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Driven(times, process_time() - cpu_began, perf_counter() - started)


@contextmanager
def _served(server: str) -> Iterator[tuple[int, int]]:
    """Yield port and process id of a separate web process, without limits, that answers searches."""
    port = port_free(21_000)
    command = [sys.executable, "-m", "tools.demo.server", str(port)]
    if server == "gunicorn":
        listen = ["--bind", f"{HOST}:{port}", "--workers", "1"]
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            str(_CONF),
            *listen,
            "webapp.asgi:application",
        ]
    log = settings.DATA_DIR / "logs" / "bench_capacity.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with Family() as family:
        env = {**environment_inherited(), **_NO_LIMITS}
        child = family.start("web", command, cwd=settings.BASE_DIR, env=env, log=log)
        deadline = time.monotonic() + _READY_S
        while trouble := search_trouble(f"http://{HOST}:{port}"):
            if time.monotonic() > deadline or family.first_ended():
                raise CommandError(f"the web process does not answer searches: {trouble} (log: {log})")
            time.sleep(0.2)
        yield port, child.process.pid
