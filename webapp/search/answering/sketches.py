"""Answer sketches, those that wait at the same time in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import get_language

from ml.serving.raster import Raster
from ml.serving.recogniser import Recognition
from ml.sketch.strokes import Sketch
from webapp.http.limits.budget import uncharged
from webapp.registry.indexes.recogniser import recogniser
from webapp.registry.indexes.sketch_sums import sketch_sums
from webapp.search.answering.answer import answer_of
from webapp.search.answering.batching import Batcher
from webapp.search.answering.question import Encoded, Question
from webapp.search.answering.recognition import recogniser_for
from webapp.search.answering.slots import SLOTS, WAIT_S, BusyError, slot
from webapp.search.payloads import SearchPayload

_BATCH = 4  # sketches per run of the encoder; more would hardly be cheaper, and each would wait longer


class _Waiting(NamedTuple):
    """A sketch that waits for its answer; `language` is the sender's, for the cards."""

    question: Question
    raster: Raster
    seen: Raster | None  # the recogniser's
    language: str | None
    is_counted: bool  # in the sum of visitors' sketches

    def answered(self, encoded: Encoded) -> SearchPayload | Exception:
        try:
            with translation.override(self.language):  # the thread may belong to another request
                return answer_of(self.question, encoded)
        except Exception as error:  # belongs to this query's sender
            return error


def sketch_answer(sketch: Sketch, question: Question, *, address: str) -> SearchPayload:
    """Return the answer to a sketch, encoded with others that wait. address: the sender's.

    Raises BusyError if no core becomes free in time.
    """
    encoder = question.live.encoder
    # Rasterised in this thread, not the leader's, so that the cost of a large sketch is charged to its sender.
    raster = encoder.rasterised(sketch)
    known = recogniser_for(question)
    seen = known.rasterised(sketch) if known else None
    is_whole = question.allowed is None  # a narrowed search says less about sketches at large
    is_counted = is_whole and encoder.takes_centres and sketch_sums.wants(address)
    waiting = _Waiting(question, raster, seen, get_language(), is_counted)
    try:
        with uncharged():
            return _batcher.submit(waiting, WAIT_S)
    except TimeoutError:
        raise BusyError from None


def _answer_batch(batch: Sequence[_Waiting]) -> list[SearchPayload | Exception]:
    with slot():
        encodings = batch[0].question.live.encoder.encode_rasters([waiting.raster for waiting in batch])
        recognitions = _recognised([waiting.seen for waiting in batch])
        for waiting, encoding in zip(batch, encodings, strict=True):
            if waiting.is_counted and encoding.projection is not None:
                sketch_sums.add(waiting.question.live.encoder.sha256, encoding.projection)
        return [
            waiting.answered(Encoded.of(encoding, recognition))
            for waiting, encoding, recognition in zip(batch, encodings, recognitions, strict=True)
        ]


def _recognised(rasters: Sequence[Raster | None]) -> list[Recognition | None]:
    known, waiting = recogniser(), [raster for raster in rasters if raster is not None]
    if known is None or not waiting:
        return [None] * len(rasters)
    found = iter(known.recognise_rasters(waiting))
    return [None if raster is None else next(found) for raster in rasters]


_batcher: Batcher[_Waiting, SearchPayload] = Batcher(
    _answer_batch,
    lambda first, other: first.question.live is other.question.live,
    n_leaders=SLOTS,
    max_batch=_BATCH,
)
