"""The registry of baselines: name -> the function that fits it, imported on first use."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.protocols.scorer import Scorer

BASELINES = {
    "hog": "ml.baselines.plain_hog:fit",
    "hog-bow-ranksvm": "ml.baselines.hog_bow:fit",
    "dense-hog-ranksvm": "ml.baselines.dense_hog:fit",
    "sketch-a-net-ranksvm": "ml.baselines.sketch_a_net:fit",
    "lite0-ranksvm": "ml.baselines.untrained_lite0:fit_ranked_by_svm",
    "untrained-lite0": "ml.baselines.untrained_lite0:fit",
    "hash-lsh": "ml.baselines.hashing.baseline:fit_lsh",
    "hash-pcah": "ml.baselines.hashing.baseline:fit_pcah",
    "hash-pca-itq": "ml.baselines.hashing.baseline:fit_pca_itq",
    "hash-sh": "ml.baselines.hashing.baseline:fit_sh",
    "hash-sklsh": "ml.baselines.hashing.baseline:fit_sklsh",
    "hash-dsh-density": "ml.baselines.hashing.baseline:fit_dsh_density",
    "hash-sdh": "ml.baselines.hashing.baseline:fit_sdh",
    "hash-cca-itq": "ml.baselines.hashing.baseline:fit_cca_itq",
    "hash-cmfh": "ml.baselines.cross_modal.baseline:fit_cmfh",
    "hash-cmssh": "ml.baselines.cross_modal.baseline:fit_cmssh",
    "hash-scm-seq": "ml.baselines.cross_modal.baseline:fit_scm_seq",
    "hash-scm-orth": "ml.baselines.cross_modal.baseline:fit_scm_orth",
    "hash-cvh": "ml.baselines.cross_modal.baseline:fit_cvh",
    "hash-seph": "ml.baselines.cross_modal.baseline:fit_seph",
    "hash-dcmh": "ml.baselines.cross_modal.baseline:fit_dcmh",
    "hash-dsh-cross-view": "ml.baselines.cross_modal.baseline:fit_dsh",
    "cross-view-cca": "ml.baselines.cross_modal.baseline:fit_cca",
    "cross-view-xqda": "ml.baselines.cross_modal.baseline:fit_xqda",
    "cross-view-plsr": "ml.baselines.cross_modal.baseline:fit_plsr",
    "cross-view-cvfl": "ml.baselines.cross_modal.baseline:fit_cvfl",
}


@dataclass(frozen=True)
class Fitted:
    """A baseline that is ready to rank.

    config: its settings, including those chosen on validation. made_by: the command that trained the network whose
    features it uses, "" if there is none.
    """

    scorer: Scorer
    config: Mapping[str, Any]
    made_by: str = ""


def fit_baseline(name: str, dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit a baseline on train, RankSVM also on validation, where its hyperparameters are chosen.

    Raises ConfigError on an unknown name or setting.
    """
    if name not in BASELINES:
        raise ConfigError("--name", f"{name!r} is unknown; expected one of {', '.join(BASELINES)}")
    module, function = BASELINES[name].split(":")
    fit: Callable[[PairDataset, Sequence[str]], Fitted] = getattr(importlib.import_module(module), function)
    return fit(dataset, overrides)
