"""Answer a question: search the gallery, judge the hits and list the products."""

from __future__ import annotations

from time import perf_counter

from webapp.observability.metrics import query_observe
from webapp.search.answering.matching import certain, matched
from webapp.search.answering.question import Encoded, Question
from webapp.search.answering.ranking import hit_counts, rank
from webapp.search.answering.recognition import name_prior, offered
from webapp.search.payloads import ResultPayload, SearchPayload, TimingPayload


def answer_of(question: Question, encoded: Encoded) -> SearchPayload:
    """Return the products nearest to what is encoded. The caller holds a slot, see `slots`."""
    search_started = perf_counter()
    live, fits, recognition = question.live, question.fits, encoded.recognition
    weight = live.encoder.manifest.name_weight
    prior = None
    if fits is not None and recognition is not None and not (question.by_shape or question.name):
        prior = name_prior(recognition, fits, weight)
    shown = certain(question.name, fits, weight) if question.name and fits is not None else prior
    results: list[ResultPayload] = []
    for n_hits in hit_counts(question.k):
        hits = live.search.search(
            encoded.embedding, encoded.hash_code, n_hits, allowed=question.allowed, prior=prior
        )
        words, nothing_close = matched(hits, live, drawn=question.drawn, prior=shown)
        results = rank(hits, question.k, words, without_product=question.without_product)
        if len(results) >= question.k or len(hits.ids) < n_hits:
            break
    ended = perf_counter()
    timing_ms: TimingPayload = {
        "raster": round(encoded.raster_ms, 3),
        "encode": round(encoded.encode_ms, 3),
        "search": round((ended - search_started) * 1e3, 3),
        "total": round((ended - question.started) * 1e3, 3),
    }
    query_observe(**timing_ms)
    return {
        "release": live.payload,
        "results": results,
        "nothing_close": nothing_close or not results,
        "recognised": None if fits is None else offered(recognition, fits, is_mark=question.is_mark),
        "text_matches": question.n_matching,
        "answer_id": None,
        "timing_ms": timing_ms,
        "debug": {
            "n_gallery": hits.n_gallery,
            "n_shortlist": hits.n_shortlist,
            "hamming_ms": round(hits.hamming_ms, 3),
            "rerank_ms": round(hits.rerank_ms, 3),
            "code_length": live.encoder.code_length,
        },
    }
