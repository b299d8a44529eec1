"""The adversarial losses of GDH (ECCV 2018, Eq. 1), in their log form on logits.

    min over G, max over D of  E[log D(real)] + E[log(1 - D(fake))]

Real photos are masked, I * mask. A patch's logit l means D = sigmoid(l); the means include patches.
"""

import torch.nn.functional as F
from torch import Tensor

from ml.losses.forms import AdversarialForm


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Return D's loss, -(mean log D(real) + mean log(1 - D(fake))), a scalar, from logits of any shape."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor, *, form: AdversarialForm) -> Tensor:
    """Return G's loss, a scalar, from D's logits for generated images, of any shape.

    "minimax" is Eq. 1's mean log(1 - D(fake)), whose gradient vanishes while D wins; "non-saturating" has the same fixed
    point without that problem: -mean log D(fake) (Goodfellow et al., 2014).
    """
    return -F.softplus(fake).mean() if form == "minimax" else F.softplus(-fake).mean()
