"""The JSON of searches, the same over REST and WebSocket."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from webapp.http.problems import Problem
from webapp.registry.releases.live import ReleasePayload


class CategoryPayload(TypedDict):
    slug: str
    name: str


class ProductPayload(TypedDict):
    """A product as results show it. `photo_box`: where it lies in its photo, x0, y0, x1, y1 as fractions."""

    id: int
    sku: str
    name: str
    category: CategoryPayload
    url: str
    photo_url: str
    thumb_url: str
    edges_url: str
    photo_box: list[float]


class ResultPayload(TypedDict):
    """`score` is a cosine, less where other shelves are likelier meant, `match` the same in words, `folded` how many
    near-duplicates are not listed.
    """

    rank: int
    score: float
    match: Literal["strong", "fair", "weak"]
    hamming: int
    folded: int
    product: ProductPayload


class TimingPayload(TypedDict):
    """Milliseconds; `total` from the validated request to the ranked list."""

    raster: float
    encode: float
    search: float
    total: float


class DebugPayload(TypedDict):
    """The two stages: rows searched, rows re-ranked, milliseconds of each, bits of a hash code."""

    n_gallery: int
    n_shortlist: int
    hamming_ms: float
    rerank_ms: float
    code_length: int


class SearchPayload(TypedDict):
    """The answer to a search. `nothing_close`: nothing in the catalogue resembles the query."""

    release: ReleasePayload
    results: list[ResultPayload]
    nothing_close: bool
    timing_ms: TimingPayload
    debug: DebugPayload


class ImageSearchPayload(SearchPayload):
    """`mode`: what the image was taken for; `sketch`: the strokes traced from a drawing."""

    mode: Literal["photo", "sketch"]
    sketch: dict[str, Any] | None


class SocketLimits(TypedDict):
    max_in_flight: int
    queries_per_s: int


class HelloMessage(TypedDict):
    """The server's first message."""

    type: Literal["hello"]
    release: ReleasePayload | None
    limits: SocketLimits


class ResultsMessage(SearchPayload):
    """The answer to query `seq`; seqs rise."""

    type: Literal["results"]
    seq: int


class ErrorMessage(TypedDict):
    """What was wrong with query `seq`, or with a message that had none."""

    type: Literal["error"]
    seq: int | None
    problem: Problem


class ReleaseMessage(TypedDict):
    """Another release is live."""

    type: Literal["release"]
    release: ReleasePayload


class QueryMessage(TypedDict):
    """A client's question; `k` and `category` may be absent."""

    type: Literal["query"]
    seq: int
    sketch: dict[str, Any]
    k: NotRequired[int]
    category: NotRequired[str | None]
