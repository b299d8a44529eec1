"""The adversarial losses of GDH (ECCV 2018, Eq. 1), in their log form on logits.

    min over G, max over D of  E[log D(real)] + E[log(1 - D(fake))]

Real photos come with their mask, I * mask. A patch's logit l stands for D = sigmoid(l); the means run over patches, too.
"""

import torch.nn.functional as F
from torch import Tensor

from ml.losses.forms import AdversarialForm


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """What D minimises, -(mean log D(real) + mean log(1 - D(fake))), a scalar, of logits of any shapes."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor, *, form: AdversarialForm) -> Tensor:
    """What G minimises, a scalar, of D's logits for generated images.

    "minimax" is Eq. 1's mean log(1 - D(fake)), whose gradient fades while D wins; "non-saturating" has the same fixed
    point without that fault: -mean log D(fake) (Goodfellow et al., 2014).
    """
    return -F.softplus(fake).mean() if form == "minimax" else F.softplus(-fake).mean()
