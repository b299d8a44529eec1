"""Whether a ready index may stay, or what has changed since it was built is worth another build."""

from __future__ import annotations

from ml.retrieval.centres import SKETCHES_WEIGHT
from ml.retrieval.index import MANIFEST
from webapp.registry.indexes.calibrating import recogniser_sha256
from webapp.registry.indexes.opening import encoder_sha256_of
from webapp.registry.indexes.sketch_sums import sketch_sum_read
from webapp.registry.models import IndexBuild
from webapp.stores import artifacts

LEAST_NEW, NEW_SHARE = 20, 0.5  # sketches since the last build that are worth another one


def is_usable(build: IndexBuild) -> bool:
    """Return whether a ready build need not be repeated: its files exist, its recorded numbers are sound, and if its
    encoder takes centres, it was calibrated for today's recogniser and not many visitors have drawn since.
    """
    numbers = build.numbers or {}
    if not numbers.get("sound") or not artifacts.exists(build.folder, MANIFEST):
        return False
    n_sketches = numbers.get("n_sketches")
    if n_sketches is None:  # its encoder takes no centres, so nothing else was estimated from the catalogue
        return True
    if _lacks_calibration(build, numbers.get("recogniser_sha256", "")):
        return False
    return not worth_rebuilding(encoder_sha256_of(build.model), n_sketches)


def worth_rebuilding(encoder_sha256: str, n_sketches: int) -> bool:
    """Return whether enough visitors have drawn since a build that counted `n_sketches` of their sketches.

    Enough is half as many as weigh in the sum, and at least 20: fewer would hardly move the centre of sketches.
    """
    known = sketch_sum_read(encoder_sha256)
    if known is None:
        return False
    if known.n < n_sketches:  # the sum was deleted, and has begun again
        return known.n >= LEAST_NEW
    return known.n - n_sketches >= max(LEAST_NEW, NEW_SHARE * min(n_sketches, SKETCHES_WEIGHT))


def _lacks_calibration(build: IndexBuild, theirs: str) -> bool:
    """Return whether another build would calibrate for this process's recogniser. theirs: its SHA-256 at the build.

    Workers may have different recognisers, or none because it could not be loaded, and each sees the others' builds. So
    that they do not replace them in turn, a worker without a recogniser misses no calibration, and one whose recogniser
    this catalogue was already calibrated for leaves it to those that came later.
    """
    ours = recogniser_sha256()
    if not ours or ours == theirs:
        return False
    if not theirs:
        return True
    earlier = IndexBuild.objects.filter(
        model=build.model, catalogue_sha256=build.catalogue_sha256, status=IndexBuild.Status.READY
    )
    return not earlier.filter(numbers__recogniser_sha256=ours).exists()
