"""GDH's triplet ranking loss on the outputs of a hashing network (ECCV 2018, Eq. 6): margin K / 2, squared distances."""

import torch
from torch import Tensor

from ml.losses.triplet import triplet_loss

MARGIN = 0.5  # as a fraction of the code length


def code_triplet_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, *, margin: float = MARGIN, violating: bool = False
) -> Tensor:
    """Return the mean over triplets of max(0, margin K + ||a - p||^2 - ||a - n||^2), a scalar.

    anchor, positive, negative: outputs (T, K) of migrated sketches, of their photos and of other photos. violating:
    average only over the triplets above 0 (see `triplet_loss`).
    """
    return triplet_loss(
        (anchor - positive).square().sum(1),
        (anchor - negative).square().sum(1),
        margin=margin * anchor.shape[1],
        violating=violating,
    )


def batch_code_triplet_loss(
    anchor: Tensor, photo: Tensor, other: Tensor, *, margin: float = MARGIN, violating: bool = False
) -> Tensor:
    """Return the same loss over every triplet of a batch, a scalar, 0 if there are none.

    anchor, photo: outputs (B, K), row i of both is a pair. other: bool (B, B), whether photo j shows another product
    than sketch i.
    """
    distances = (anchor[:, None] - photo[None]).square().sum(2)  # (B, B)
    sketch, negative = torch.nonzero(other, as_tuple=True)
    return triplet_loss(
        distances[sketch, sketch],
        distances[sketch, negative],
        margin=margin * anchor.shape[1],
        violating=violating,
    )
