"""Fusion of a photo's code with that of its image after a cycle through both generators (GDH, section 4.3, Table 5).

The paper only specifies the linear form. The others are defined so that they keep the code length K, and so that a
query, which has one image, is fused with itself:

    none            a
    linear          (a + b) / 2
    concatenation   the first K / 2 of a, the last K / 2 of b
    kronecker       the products of the first m of a with the next n of b, m n = K, m the largest divisor up to sqrt(K)
"""

from __future__ import annotations

from math import isqrt

import torch
from torch import Tensor

from ml.models.gdh.config import MixUp


def mixed_up(photo: Tensor, cycled: Tensor, kind: MixUp) -> Tensor:
    """Fuse the hashing network's outputs for photos and for their cycled images, each (B, K), into (B, K)."""
    code_length = photo.shape[1]
    if kind == "linear":
        return (photo + cycled) / 2
    if kind == "concatenation":
        return torch.cat([photo[:, : code_length // 2], cycled[:, code_length // 2 :]], dim=1)
    if kind == "kronecker":
        m = next(m for m in range(isqrt(code_length), 0, -1) if code_length % m == 0)
        n = code_length // m
        return (photo[:, :m, None] * cycled[:, None, m : m + n]).flatten(1)
    return photo
