"""Choose the precision of a training if its settings leave it open: bf16 only where it is faster.

Weights, optimiser state and checkpoints are float32 in either case, so a run can resume elsewhere in the other precision.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn

from ml.hardware import BF16, processor
from ml.training.config import Precision

ROUNDS = 3


@dataclass(frozen=True)
class Chosen:
    """The chosen precision, and why."""

    precision: Literal["bf16", "fp32"]
    why: str


def chosen(precision: Precision, device: torch.device) -> Chosen:
    """Return what `precision` means on a device. `auto` is decided once per process and reported on stderr."""
    return _decided(device.type) if precision == "auto" else Chosen(precision, "as configured")


@cache
def _decided(device_type: str) -> Chosen:
    choice = _on_cuda() if device_type == "cuda" else _on_processor()
    print(f"precision=auto: using {choice.precision}, because {choice.why}", file=sys.stderr)
    return choice


def _on_cuda() -> Chosen:
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return Chosen("bf16", "the GPU supports it")
    return Chosen("fp32", "the GPU does not support bf16")


def _on_processor() -> Chosen:
    """Choose fp32 without bf16 instructions; with them, measure whether torch's kernels benefit."""
    if not BF16 & set(processor().features):
        return Chosen("fp32", f"{processor().name} has no bf16 instructions")
    ratio = bf16_time_ratio()
    return Chosen("bf16" if ratio < 1 else "fp32", f"a bf16 step takes {ratio:.2f} times as long as fp32")


@torch.inference_mode(False)
@torch.enable_grad()
def bf16_time_ratio() -> float:
    """Return the time of a small convolutional training step in bf16, divided by that in fp32; takes 0.1 to 0.3 s.

    Measures the processor time of one thread, which other programs hardly affect.
    """
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(8, 16, 28, 28, generator=generator).contiguous(memory_format=torch.channels_last)
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):  # the run's own initialisation must not depend on this
        net = nn.Sequential(
            *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1)),
            *(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(32 * 16, 256)),
        ).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    torch.set_num_threads(1)
    try:
        times = {bf16: [_step_s(net, x, bf16) for _ in range(ROUNDS)] for bf16 in (True, False)}
    finally:
        torch.set_num_threads(threads)
    return min(times[True]) / min(times[False])


def _step_s(net: nn.Module, x: Tensor, bf16: bool) -> float:
    """Return the processor seconds of one forward and backward pass in the calling thread."""
    started = time.thread_time()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        y = net(x)
    y.float().square().mean().backward()
    return time.thread_time() - started
