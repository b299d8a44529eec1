"""Precision and memory layout follow the settings."""

import pytest
import torch
from torch import nn

from ml.training.config import Precision
from ml.training.device import autocast, describe_machine, pick_device, placed

CPU = torch.device("cpu")


@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp32", torch.float32)])
def test_autocast_sets_the_precision_of_convolutions(precision: Precision, dtype: torch.dtype) -> None:
    with autocast(CPU, precision):
        assert nn.Conv2d(3, 4, 3)(torch.rand(1, 3, 8, 8)).dtype == dtype


def test_modules_and_tensors_get_the_memory_layout() -> None:
    for asked in (True, False):
        layout = torch.channels_last if asked else torch.contiguous_format
        assert placed(torch.rand(2, 3, 8, 8), CPU, channels_last=asked).is_contiguous(memory_format=layout)
        conv = placed(nn.Conv2d(3, 4, 3), CPU, channels_last=asked)
        assert conv.weight.is_contiguous(memory_format=layout)


def test_the_machine_is_described() -> None:
    assert pick_device().type in ("cpu", "cuda")
    assert "thread" in describe_machine()
