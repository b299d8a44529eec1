from __future__ import annotations

import io

import numpy as np

from ml.sketch.doodles import DOODLES, doodles, doodles_content
from ml.vocabulary.fit import vocabulary


def test_every_name_has_drawings() -> None:
    assert set(doodles()) == set(vocabulary().names)
    assert all(drawings for drawings in doodles().values())
    assert (DOODLES.parent / "ATTRIBUTION.md").exists()


def test_a_written_file_holds_the_same_drawings() -> None:
    some = {name: doodles()[name] for name in ("chair", "alarm clock")}
    with np.load(io.BytesIO(doodles_content(some))) as stored:
        assert stored["names"].tolist() == ["alarm clock", "chair"]
        assert stored["counts"].tolist() == [len(some[name]) for name in ("alarm clock", "chair")]
        assert stored["lengths"].sum() == len(stored["points"])
        strokes = sum(len(sketch.strokes) for drawings in some.values() for sketch in drawings)
        assert stored["points"][:, 2].sum() == strokes
