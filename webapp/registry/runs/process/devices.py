"""The devices of this machine that can be reserved for a training: its GPUs, else its processors."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.config.environment import environment_inherited

_QUERY_S = 10.0  # a driver that hangs must not block a worker


@dataclass(frozen=True, slots=True)
class Device:
    """`key` is the same for every worker that sees the device; `gpu` is its UUID, empty for the processors."""

    key: str
    label: str
    gpu: str = ""


def local_devices() -> list[Device]:
    """Return the GPUs allowed by CUDA_VISIBLE_DEVICES, or else the machine's processors as one device."""
    visible = environment_inherited().get("CUDA_VISIBLE_DEVICES")
    shown = None if visible is None else [name.strip() for name in visible.split(",") if name.strip()]
    found = []
    for index, uuid, name in gpu_query("index", "uuid", "name"):
        if shown is None or index in shown or any(uuid.startswith(one) for one in shown if not one.isdigit()):
            found.append(Device(uuid, f"cuda:{index} {name}", uuid))
    return found or [Device(f"{socket.gethostname()}:cpu", f"cpu of {socket.gethostname()}")]


def gpu_query(*columns: str, gpus: Sequence[str] = ()) -> list[list[str]]:
    """Return nvidia-smi's answer by row, for the GPUs with those UUIDs or all; empty if there is no driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, f"--query-gpu={','.join(columns)}", "--format=csv,noheader,nounits"]
    if gpus:
        command.append(f"--id={','.join(gpus)}")
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_QUERY_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[word.strip() for word in line.split(",")] for line in answer.splitlines()]
    return [row for row in rows if len(row) == len(columns)]
