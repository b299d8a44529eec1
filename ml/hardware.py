"""The processor that a figure was measured on: its name and the instructions that speed and kernels depend on."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")
# Instructions that multiply bf16 numbers; `bf16` is ARM's.
BF16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
FEATURES = (
    *("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"),
    *("asimddp", "i8mm", "bf16"),
)


@dataclass(frozen=True)
class Processor:
    """A processor.

    cores: how many this process may use. features: which of FEATURES it has; empty on systems other than Linux.
    """

    name: str
    architecture: str
    cores: int
    features: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}, {self.cores} cores ({' '.join(self.features) or self.architecture})"

    def as_json(self) -> dict[str, Any]:
        """Return the processor as result files and benchmarks record it."""
        return asdict(self) | {"features": list(self.features)}


@cache
def processor() -> Processor:
    """Return the processor that this process runs on."""
    cpuinfo = CPUINFO.read_text() if CPUINFO.exists() else ""
    return described(cpuinfo, architecture=platform.machine(), cores=_cores())


def described(cpuinfo: str, *, architecture: str, cores: int) -> Processor:
    """Return the processor that a text like /proc/cpuinfo describes; "" gives the platform's name and no features."""
    facts: dict[str, str] = {}
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip().lower(), value.strip())  # the first core represents all
    flags = f"{facts.get('flags', '')} {facts.get('features', '')}".split()  # x86 and ARM
    name = facts.get("model name") or platform.processor() or architecture
    return Processor(name, architecture, cores, tuple(feature for feature in FEATURES if feature in flags))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
