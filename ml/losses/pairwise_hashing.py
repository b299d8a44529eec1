"""The pairwise loss of deep supervised hashing (Liu, Wang, Shan, Chen, CVPR 2016, Eq. 4)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def pairwise_hashing_loss(
    codes: Tensor, labels: Tensor, *, margin: float, regularisation: float = 0.01
) -> Tensor:
    """Return the loss that pulls pairs of one class together, pushes others beyond the margin, and outputs towards +-1.

    codes: (B, K) real outputs. labels: (B,). The scalar is the mean over the B (B - 1) / 2 pairs of the batch of half of
    ||b_i - b_j||^2 if the labels agree, or half of max(0, margin - ||b_i - b_j||^2) if they differ, plus `regularisation`
    times (|| |b_i| - 1 ||_1 + || |b_j| - 1 ||_1). The paper's margin is 2 K.
    """
    first, second = torch.triu_indices(len(codes), len(codes), 1, device=codes.device)
    squared = (codes[first] - codes[second]).square().sum(1)
    pairs = torch.where(labels[first] == labels[second], squared, F.relu(margin - squared))
    return 0.5 * pairs.mean() + 2 * regularisation * (codes.abs() - 1).abs().sum(1).mean()
