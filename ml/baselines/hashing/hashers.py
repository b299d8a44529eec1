"""The registry of shallow hashers: name -> the function that fits it.

Each takes training features X, float32 (N, F), their labels, integer (N,), a code length K in bits and a seed, and
returns an `Encode`: features (M, F) to logits, float32 (M, K), whose signs are the bits.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ml.baselines.hashing.cca_itq import fit_cca_itq
from ml.baselines.hashing.density import fit_density
from ml.baselines.hashing.itq import fit_pca_itq, fit_pcah
from ml.baselines.hashing.random import fit_lsh, fit_sklsh
from ml.baselines.hashing.sdh import fit_sdh
from ml.baselines.hashing.spectral import fit_spectral

Floats = NDArray[np.float32]
Encode = Callable[[Floats], Floats]
Fit = Callable[[Floats, NDArray[np.integer], int, int], Encode]

HASHERS: dict[str, Fit] = {
    "lsh": fit_lsh,
    "pcah": fit_pcah,
    "pca-itq": fit_pca_itq,
    "sh": fit_spectral,
    "sklsh": fit_sklsh,
    "dsh-density": fit_density,
    "sdh": fit_sdh,
    "cca-itq": fit_cca_itq,
}
SUPERVISED = ("sdh", "cca-itq")
