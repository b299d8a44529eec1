"""Likelihood of human judgements under a model's similarities (Bradley and Terry 1952)."""

import torch.nn.functional as F
from torch import Tensor


def vote_likelihood(nearer: Tensor, farther: Tensor, *, temperature: float) -> Tensor:
    """Mean of -log sigmoid((nearer - farther) / temperature) over judgements; a scalar, 0 where there are none.

    nearer, farther: (V,) similarities of a sketch to the image that was judged nearer to it, and to the other. Repeated
    and contradicting votes stay in: together they state how sure people were.
    """
    if not len(nearer):
        return nearer.sum()
    return F.softplus((farther - nearer) / temperature).mean()
