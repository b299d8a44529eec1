"""Where a run computes, and in which precision."""

from contextlib import AbstractContextManager

import torch


def pick_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast(device: torch.device, *, enabled: bool = True) -> AbstractContextManager[object]:
    """bfloat16 autocast: 1.5 to 2 x on CPUs with bf16 instructions and on every recent GPU."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)
