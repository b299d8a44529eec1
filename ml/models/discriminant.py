"""Fisher's discriminant axes, an optional initialisation of a hashing network's last layer. Not in the papers."""

import torch
import torch.nn.functional as F
from torch import Tensor


def discriminant_axes(
    features: Tensor, labels: Tensor, n_axes: int, *, n_principal: int, ridge: float
) -> tuple[Tensor, Tensor]:
    """Return at most `n_axes` axes (A, F) that separate labels (N,), best first, and their variance ratios l (A,).

    features: (N, F) of mean 0. The axes solve B v = l (W + r I) v within the first `n_principal` principal axes, where B
    and W are the covariances between and within labels, and r is `ridge` times W's mean variance.
    """
    n_principal = min(n_principal, len(features) - 1, features.shape[1])
    principal = torch.linalg.svd(features, full_matrices=False)[2][:n_principal]
    seen = features @ principal.T  # (N, P)
    members = F.one_hot(torch.unique(labels, return_inverse=True)[1]).to(seen.dtype)  # (N, L)
    means = members @ (members.T @ seen / members.sum(0)[:, None])
    between, about = means.T @ means / len(seen), seen - means
    within = about.T @ about / len(seen)
    added = (ridge * within.diagonal().mean()).clamp_min(1e-6)
    lower = torch.linalg.cholesky(within + added * torch.eye(len(within), device=within.device))
    whitening = torch.linalg.inv(lower)
    ratios, vectors = torch.linalg.eigh(whitening @ between @ whitening.T)
    axes = (whitening.T @ vectors.flip(1)[:, :n_axes]).T @ principal
    return axes, ratios.flip(0)[:n_axes].clamp_min(0)
