"""Where a run computes, and in which precision and memory layout."""

from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

import torch
from torch import nn

from ml.hardware import processor
from ml.training.config import Precision
from ml.training.distributed import local_rank
from ml.training.precision import chosen

Moved = TypeVar("Moved", bound=torch.Tensor | nn.Module)


def pick_device() -> torch.device:
    """CUDA where there is one, else the CPU; under torchrun each process its own GPU."""
    return torch.device("cuda", local_rank()) if torch.cuda.is_available() else torch.device("cpu")


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """bfloat16 autocast where `precision` means bf16 on this device: 1.5 to 2 x on CPUs with bf16 instructions and on
    every recent GPU, an eighth of the speed on a CPU without.
    """
    return torch.autocast(
        device.type, dtype=torch.bfloat16, enabled=chosen(precision, device).precision == "bf16"
    )


def placed(value: Moved, device: torch.device, *, channels_last: bool = True) -> Moved:
    """A module or a tensor (B, C, H, W) on its device, channels-last where asked: what bf16 convolutions want."""
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return cast(Moved, value.to(device).to(memory_format=layout))  # type: ignore[call-overload]


def describe_machine() -> str:
    """One line for result files: processor with its instructions, threads that torch uses, and the GPU if one is used."""
    cpu = f"{processor()}, {torch.get_num_threads()} threads"
    return f"{torch.cuda.get_device_name()}; {cpu}" if torch.cuda.is_available() else cpu


def training_facts(precision: Precision) -> dict[str, Any]:
    """Where a training ended, for the model's manifest: torch, machine, processor, and the precision that was used."""
    used = chosen(precision, pick_device())
    return {
        "torch": torch.__version__,
        "machine": describe_machine(),
        "processor": processor().as_json(),
        "precision": used.precision,
        "precision_why": used.why,
    }
