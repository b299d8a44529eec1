"""The device of a run, its precision and memory layout."""

from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

import torch
from torch import nn

from ml.checkout import commit
from ml.hardware import processor
from ml.training.config import Precision
from ml.training.distributed import local_rank
from ml.training.precision import chosen

Moved = TypeVar("Moved", bound=torch.Tensor | nn.Module)


def pick_device() -> torch.device:
    """Return the CUDA device if there is one, or else the CPU; under torchrun each process has a separate GPU."""
    return torch.device("cuda", local_rank()) if torch.cuda.is_available() else torch.device("cpu")


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Return bfloat16 autocast, enabled if `precision` means bf16 on this device.

    bf16 is 1.5 to 2 times as fast on CPUs with bf16 instructions and on recent GPUs, but eight times as slow on other
    CPUs.
    """
    return torch.autocast(
        device.type, dtype=torch.bfloat16, enabled=chosen(precision, device).precision == "bf16"
    )


def placed(value: Moved, device: torch.device, *, channels_last: bool = True) -> Moved:
    """Move a module or a tensor (B, C, H, W) to a device, by default in channels-last layout."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return cast(Moved, value.to(device).to(memory_format=layout))  # type: ignore[call-overload]


def describe_machine() -> str:
    """Return one line for result files: processor with instructions, torch's threads, and the GPU if there is one."""
    n = torch.get_num_threads()
    cpu = f"{processor()}, {n} thread{'s' if n > 1 else ''}"
    return f"{torch.cuda.get_device_name()}; {cpu}" if torch.cuda.is_available() else cpu


def training_facts(precision: Precision) -> dict[str, Any]:
    """Return the facts of a training for the model's manifest: torch, commit, machine, processor and precision."""
    used = chosen(precision, pick_device())
    return {
        "torch": torch.__version__,
        "commit": commit(),
        "machine": describe_machine(),
        "processor": processor().as_json(),
        "precision": used.precision,
        "precision_why": used.why,
    }
