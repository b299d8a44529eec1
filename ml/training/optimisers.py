"""SGD with momentum or AdamW, over groups of parameters with separate learning rates."""

from collections.abc import Iterable, Sequence

import torch
from torch import nn

from ml.training.config import OptimizerName


def build_optimizer(
    name: OptimizerName,
    groups: Sequence[tuple[Iterable[nn.Parameter], float]],
    *,
    weight_decay: float = 0.0,
    momentum: float = 0.9,
) -> torch.optim.Optimizer:
    """Return an optimiser over (parameters, learning rate) groups; frozen parameters and empty groups are left out.

    `momentum` applies only to SGD. The fused kernels read and write each parameter once.
    """
    chosen = [
        {"params": trained, "lr": rate}
        for parameters, rate in groups
        if (trained := [parameter for parameter in parameters if parameter.requires_grad])
    ]
    if name == "sgd":
        return torch.optim.SGD(chosen, lr=0.0, momentum=momentum, weight_decay=weight_decay, fused=True)
    return torch.optim.AdamW(chosen, weight_decay=weight_decay, fused=True)
