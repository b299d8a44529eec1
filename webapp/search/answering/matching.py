"""How well results match, in words: by the index's calibration, or else by the model's thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ml.retrieval.calibration import Match
from ml.retrieval.hits import Hits
from ml.retrieval.name_prior import NameFits, NamePrior
from webapp.registry.indexes.recogniser import recogniser
from webapp.registry.releases.live import LiveRelease


class Matched(NamedTuple):
    """words: for each hit. nothing_close: whether nothing resembles the query."""

    words: Sequence[Match]
    nothing_close: bool


def matched(hits: Hits, live: LiveRelease, *, drawn: bool, prior: NamePrior | None) -> Matched:
    """Judge the hits of a query. drawn: calibrations hold for sketches alone. prior: what the sketch shows."""
    calibration = live.index.calibration
    if drawn and calibration is not None:
        known = recogniser()
        judged = calibration.judged(hits, prior, known.sha256 if known else "")
        return Matched(judged.words, judged.nothing_close)
    manifest = live.encoder.manifest
    # By the cosine, which the thresholds are of: a score also falls with the chance of the product's name.
    words = [manifest.match(cosine) for cosine in hits.cosines.tolist()]
    return Matched(words, float(hits.cosines.max(initial=-1.0)) < manifest.nothing_close_below)


def certain(name: str, fits: NameFits, weight: float) -> NamePrior:
    """Return the prior of a sketch whose name its visitor has chosen."""
    return fits.prior(np.array([each == name for each in fits.names], np.float32), weight)
