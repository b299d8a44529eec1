"""Data-parallel training over processes: `torchrun --nproc-per-node N --local-ranks-filter 0 -m ml train ...`.

The same train command runs in every process; torchrun's environment tells each its rank. Without torchrun there is one
process and every function here does nothing. NCCL on CUDA, gloo on the CPU. Rank 0 alone writes, so hosts that share a
run share its folder. A system takes its part of each batch with `shard`; a loss over the whole batch (in-batch
negatives) sees the other parts through `gathered`. BatchNorm in train mode sees its own process's part.
"""

import atexit
import os
from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ml.errors import ConfigError

StepResult = tuple[Tensor, dict[str, float]]
Step = Callable[[int], StepResult]


def world_size() -> int:
    """The number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """This process's number among them, 0 when it is alone."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """This process's number on its machine, which is the number of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_main() -> bool:
    """Whether this process writes files and shows progress."""
    return rank() == 0


def shard(batch_size: int) -> slice:
    """The rows of a joined batch that are this process's. Raises ConfigError where they cannot be shared evenly."""
    if batch_size % world_size():
        raise ConfigError("batch_size", f"{batch_size} is not a multiple of {world_size()} processes")
    size = batch_size // world_size()
    return slice(rank() * size, (rank() + 1) * size)


def data_parallel(model: nn.Module, step: Step) -> Step:
    """`step`, whose backward pass averages the gradients of `model` over all processes.

    The models start equal: rank 0's weights are sent to all.
    """
    if world_size() == 1:
        return step
    _join()
    unused = True  # a branch of the loss may be taken by some processes alone
    return DistributedDataParallel(_StepModule(model, step), find_unused_parameters=unused)


class _StepModule(nn.Module):
    """A step as a module's forward pass, so that DDP's hooks see whatever computation a system calls its loss."""

    def __init__(self, model: nn.Module, step: Step) -> None:
        super().__init__()
        self.model = model
        self._step = step

    def forward(self, index: int) -> StepResult:
        return self._step(index)


def mean_over_ranks(values: Tensor) -> Tensor:
    """The mean of a tensor over the processes."""
    if world_size() == 1:
        return values
    _join()
    dist.all_reduce(values)
    return values / world_size()


def from_main(value: Any) -> Any:
    """Rank 0's value, in every process; what the others pass does not count."""
    if world_size() == 1:
        return value
    _join()
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def broadcast_weights(model: nn.Module) -> None:
    """Give every process rank 0's parameters and buffers."""
    if world_size() == 1:
        return
    _join()
    for tensor in model.state_dict().values():
        dist.broadcast(tensor, src=0)


def gathered(rows: Tensor) -> Tensor:
    """The rows (B, ...) of all processes as one tensor (world * B, ...), in order of rank; gradients flow back."""
    if world_size() == 1:
        return rows
    _join()
    joined: Tensor = _Gather.apply(rows)  # type: ignore[no-untyped-call]
    return joined


class _Gather(torch.autograd.Function):
    """all_gather; backward sums what every process's loss says of this process's rows."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(world_size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        gradient = gradient.contiguous()
        dist.all_reduce(gradient)
        return gradient[shard(len(gradient))]


def _join() -> None:
    """Join the process group that torchrun announces, once, until the process ends."""
    if dist.is_initialized():
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(local_rank())
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    atexit.register(dist.destroy_process_group)
