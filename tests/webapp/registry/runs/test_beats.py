"""What a worker reports about itself and its machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.support.training import CPU, run_of
from webapp.registry.models import DatasetSnapshot, WorkerBeat
from webapp.registry.runs import beats
from webapp.registry.runs.claims import run_claim
from webapp.registry.runs.process import devices
from webapp.registry.runs.process.devices import local_devices
from webapp.registry.runs.process.machine import Meter

SMI = """#!/bin/sh
case "$1" in
  *uuid*) printf '0, GPU-aa, NVIDIA H200\\n1, GPU-bb, NVIDIA H200\\n' ;;
  *) printf '40, 1024\\n60, 2048\\n' ;;
esac
"""


def tell(name: str = "w1") -> None:
    beats.beat(name=name, queues=["train"], device="cpu of here", figures={"memory_bytes": 5})


@pytest.mark.django_db
def test_a_worker_reports_what_it_trains(snapshot: DatasetSnapshot) -> None:
    tell()
    assert WorkerBeat.objects.get().doing is None
    run = run_of(snapshot)
    run_claim(worker="w1", devices=CPU, now=timezone.now())
    tell()
    tell("w2")
    reported = {row.name: row.doing for row in WorkerBeat.objects.all()}
    assert reported == {"w1": {"kind": "run", "id": run.pk}, "w2": None}


@pytest.mark.django_db
def test_workers_that_died_long_ago_are_deleted() -> None:
    tell("w1")
    tell("w2")
    WorkerBeat.objects.filter(name="w1").update(alive_at=timezone.now() - timedelta(hours=2))
    beats.beats_expire()
    assert [row.name for row in WorkerBeat.objects.all()] == ["w2"]


def test_a_meter_sees_a_process_and_its_children() -> None:
    work = "import subprocess, sys; x = bytearray(60_000_000); "
    child = f"subprocess.run([sys.executable, '-c', '{work} print(1, flush=True); sys.stdin.read()'])"
    process = subprocess.Popen(
        [sys.executable, "-c", work + child], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        meter = Meter(process.pid)
        seen = meter.sample()
        assert 120_000_000 < seen["memory_bytes"] < 400_000_000
        time.sleep(0.05)
        assert 0 <= meter.sample()["cpu_percent"] < 100 * (os.cpu_count() or 1) + 50
        assert meter.peak_bytes >= seen["memory_bytes"]
    finally:
        process.communicate()
    assert Meter(process.pid).sample() == {}


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """smi(script): replace the driver's program by this script."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def put(script: str) -> None:
        (tmp_path / "nvidia-smi").write_text(script)
        (tmp_path / "nvidia-smi").chmod(0o755)

    return put


def test_gpus_are_devices_where_there_are_any(
    smi: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    smi(SMI)
    assert [(one.key, one.label) for one in local_devices()] == [
        ("GPU-aa", "cuda:0 NVIDIA H200"),
        ("GPU-bb", "cuda:1 NVIDIA H200"),
    ]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [one.key for one in local_devices()] == ["GPU-bb"]
    seen = Meter(os.getpid(), local_devices()).sample()
    assert (seen["gpu_percent"], seen["gpu_memory_bytes"]) == (50, 3072 * 2**20)


def test_a_gpu_without_load_figures_is_left_out(smi: Callable[[str], None]) -> None:
    smi(SMI.replace("40, 1024", "[N/A], 1024"))
    seen = Meter(os.getpid(), local_devices()).sample()
    assert (seen["gpu_percent"], seen["gpu_memory_bytes"]) == (60, 3072 * 2**20)
    smi(SMI.replace("40, 1024", "[N/A], [N/A]").replace("60, 2048", "[N/A], [N/A]"))
    assert not {"gpu_percent", "gpu_memory_bytes"} & set(Meter(os.getpid(), local_devices()).sample())


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 9\n", "#!/bin/sh\necho odd\n"])
def test_without_gpus_the_processors_are_one_device(smi: Callable[[str], None], script: str) -> None:
    smi(script)
    (cpu,) = local_devices()
    assert cpu.key.endswith(":cpu")
    assert devices.gpu_query("index") in ([], [["odd"]])
