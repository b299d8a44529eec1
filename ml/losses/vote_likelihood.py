"""Likelihood of human judgements under a model's similarities (Bradley and Terry 1952)."""

import torch.nn.functional as F
from torch import Tensor


def vote_likelihood(
    nearer: Tensor, farther: Tensor, *, temperature: float, certainty: Tensor | None = None
) -> Tensor:
    """Return the mean of -log sigmoid((nearer - farther) / temperature) over judgements, a scalar, 0 if there are none.

    nearer, farther: (V,) similarities of a sketch to the image that was judged nearer, and to the other. Repeated and
    contradicting votes stay in: together they express how certain people were. certainty: (V,) probability that a merged
    judgement is right; the loss is then the expectation over both answers.
    """
    if not len(nearer):
        return nearer.sum()
    margin = (nearer - farther) / temperature
    loss = F.softplus(-margin)
    if certainty is not None:
        loss = loss + (1 - certainty) * margin  # softplus(x) = softplus(-x) + x
    return loss.mean()
