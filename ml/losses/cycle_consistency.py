"""Cycle consistency of GDH (ECCV 2018, Eq. 2): both generators in turn should return the original image."""

from torch import Tensor

from ml.losses.forms import CycleDistance


def cycle_loss(cycled: Tensor, original: Tensor, *, distance: CycleDistance) -> Tensor:
    """Return the mean distance of images (B, C, H, W), a scalar.

    "frobenius" is Eq. 2's norm, divided by the square root of the number of values, so that its weight does not depend
    on the image size; "l1" is CycleGAN's mean absolute difference.
    """
    difference = cycled - original
    if distance == "l1":
        return difference.abs().mean()
    # The root has no gradient at 0, which an exactly returned image would reach.
    return (difference.square().flatten(1).mean(1) + 1e-12).sqrt().mean()
