"""The cycle consistency of GDH (ECCV 2018, Eq. 2): through both generators an image should come back."""

from torch import Tensor

from ml.losses.forms import CycleDistance


def cycle_loss(cycled: Tensor, original: Tensor, *, distance: CycleDistance) -> Tensor:
    """Mean over images (B, C, H, W) of their distance, a scalar.

    "frobenius" is Eq. 2's norm, divided by the root of the number of values, so that its weight means the same at
    every size; "l1" is CycleGAN's mean absolute difference.
    """
    difference = cycled - original
    if distance == "l1":
        return difference.abs().mean()
    # A root has no gradient at 0, where an image is returned exactly.
    return (difference.square().flatten(1).mean(1) + 1e-12).sqrt().mean()
