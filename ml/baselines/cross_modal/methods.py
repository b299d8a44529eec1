"""The registries of methods: name -> the function that fits it.

Hashers take training features of both modalities, a code length K in bits and a seed, and return `Encoders`. Embedders
take a number of dimensions instead, and return the distances of features (Q, F) of sketches and (G, F) of photos.
"""

from collections.abc import Callable

from ml.baselines.cross_modal.cca import fit_cca
from ml.baselines.cross_modal.cmfh import fit_cmfh
from ml.baselines.cross_modal.cmssh import fit_cmssh
from ml.baselines.cross_modal.cvfl import fit_cvfl
from ml.baselines.cross_modal.cvh import fit_cvh
from ml.baselines.cross_modal.dcmh import fit_dcmh
from ml.baselines.cross_modal.dsh import fit_dsh
from ml.baselines.cross_modal.plsr import fit_plsr
from ml.baselines.cross_modal.scm import fit_scm_orth, fit_scm_seq
from ml.baselines.cross_modal.seph import fit_seph
from ml.baselines.cross_modal.views import Encoders, Matcher, TwoViews
from ml.baselines.cross_modal.xqda import fit_xqda

HASHERS: dict[str, Callable[[TwoViews, int, int], Encoders]] = {
    "cmfh": fit_cmfh,
    "cmssh": fit_cmssh,
    "scm-seq": fit_scm_seq,
    "scm-orth": fit_scm_orth,
    "cvh": fit_cvh,
    "seph": fit_seph,
    "dcmh": fit_dcmh,
    "dsh-cross-view": fit_dsh,
}
EMBEDDERS: dict[str, Callable[[TwoViews, int, int], Matcher]] = {
    "cca": fit_cca,
    "xqda": fit_xqda,
    "plsr": fit_plsr,
    "cvfl": fit_cvfl,
}
