"""Data-parallel training over processes: `torchrun --nproc-per-node N --local-ranks-filter 0 -m ml train ...`.

The same train command runs in every process; torchrun sets each one's rank in the environment. Without torchrun there is
one process, and the functions here have no effect. The backend is NCCL on CUDA and gloo on the CPU. Only rank 0 writes,
so hosts that share a run must share its folder. A system takes its part of each batch with `shard`; a loss over the whole
batch (in-batch negatives) gets the other parts from `gathered`. BatchNorm in training mode sees only its process's part.
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
    """Return the number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Return this process's number among them, 0 for a single process."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """Return this process's number on its machine, which is also the number of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_main() -> bool:
    """Return whether this process writes files and shows progress."""
    return rank() == 0


def shard(batch_size: int) -> slice:
    """Return this process's rows of a batch. Raises ConfigError if the batch cannot be divided evenly."""
    if batch_size % world_size():
        raise ConfigError("batch_size", f"{batch_size}, must be a multiple of the {world_size()} processes")
    size = batch_size // world_size()
    return slice(rank() * size, (rank() + 1) * size)


def data_parallel(model: nn.Module, step: Step) -> Step:
    """Return `step` with a backward pass that averages the gradients of `model` over all processes.

    All processes start with rank 0's weights.
    """
    if world_size() == 1:
        return step
    _join()
    unused = True  # a branch of the loss may be taken in some processes only
    return DistributedDataParallel(_StepModule(model, step), find_unused_parameters=unused)


class _StepModule(nn.Module):
    """A step as a module's forward pass, so that DDP's hooks apply to the whole computation of the loss."""

    def __init__(self, model: nn.Module, step: Step) -> None:
        super().__init__()
        self.model = model
        self._step = step

    def forward(self, index: int) -> StepResult:
        return self._step(index)


def mean_over_ranks(values: Tensor) -> Tensor:
    """Return the mean of a tensor over the processes."""
    if world_size() == 1:
        return values
    _join()
    dist.all_reduce(values)
    return values / world_size()


def from_main(value: Any) -> Any:
    """Return rank 0's value in every process; the values of the others are ignored."""
    if world_size() == 1:
        return value
    _join()
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def broadcast_weights(model: nn.Module) -> None:
    """Set the parameters and buffers of every process to those of rank 0."""
    if world_size() == 1:
        return
    _join()
    for tensor in model.state_dict().values():
        dist.broadcast(tensor, src=0)


def gathered(rows: Tensor) -> Tensor:
    """Return the rows (B, ...) of all processes as (world * B, ...), ordered by rank, with gradients."""
    if world_size() == 1:
        return rows
    _join()
    joined: Tensor = _Gather.apply(rows)  # type: ignore[no-untyped-call]
    return joined


class _Gather(torch.autograd.Function):
    """all_gather whose backward pass sums the gradients of all processes' losses for this process's rows."""

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
    """Join torchrun's process group, once, until the process ends."""
    if dist.is_initialized():
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(local_rank())
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    atexit.register(dist.destroy_process_group)
