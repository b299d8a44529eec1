"""The JSON of searches, the same over REST and WebSocket."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from webapp.catalog.offers import OfferPayload
from webapp.http.problems import Problem
from webapp.registry.releases.live import ReleasePayload


class CategoryPayload(TypedDict):
    slug: str
    name: str


class ProductPayload(OfferPayload):
    """A product in results. `photo_box`: its box in the photo, x0, y0, x1, y1 as fractions."""

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
    """`score` is what results are ranked by: a cosine, with its cube added and lowered if the product is not what was
    recognised, unless the search is by shape alone; `match` is how likely it is right, in words; `folded` is the number
    of near-duplicates that are not listed.
    """

    rank: int
    score: float
    match: Literal["strong", "fair", "weak"]
    hamming: int
    folded: int
    product: ProductPayload


class RecognisedName(TypedDict):
    """What the drawing may show. `label` is in the page's language; `n_products` are on sale."""

    name: str
    label: str
    probability: float
    n_products: int


class RecognisedPayload(TypedDict):
    """At most five names, the likeliest first; `sure`: the first is far likelier than the others."""

    sure: bool
    names: list[RecognisedName]


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
    """The answer to a search. `nothing_close`: nothing in the catalogue resembles the query; `recognised`: null if names
    are not recognised; `text_matches`: products that match the query's text, null without text; `answer_id`: names the
    answer when a click is reported, null if clicks are not recorded.
    """

    release: ReleasePayload
    results: list[ResultPayload]
    nothing_close: bool
    recognised: RecognisedPayload | None
    text_matches: int | None
    answer_id: str | None
    timing_ms: TimingPayload
    debug: DebugPayload


class ImageSearchPayload(SearchPayload):
    """`mode`: how the image was interpreted; `sketch`: the strokes traced from a drawing."""

    mode: Literal["photo", "sketch"]
    sketch: dict[str, Any] | None


class SharedPayload(TypedDict):
    """A shared search, as its page and the API show it; `label` is the name in the active language."""

    id: str
    sketch: dict[str, Any]
    category: str | None
    name: str | None
    label: str | None
    by_shape: bool
    text: str


class SocketLimits(TypedDict):
    max_in_flight: int
    queries_per_s: int


class HelloMessage(TypedDict):
    """The server's first message."""

    type: Literal["hello"]
    release: ReleasePayload | None
    limits: SocketLimits


class ResultsMessage(SearchPayload):
    """The answer to query `seq`; seqs increase."""

    type: Literal["results"]
    seq: int


class ErrorMessage(TypedDict):
    """The error in query `seq`, or in a message without one."""

    type: Literal["error"]
    seq: int | None
    problem: Problem


class ReleaseMessage(TypedDict):
    """Another release is live."""

    type: Literal["release"]
    release: ReleasePayload


class QueryMessage(TypedDict):
    """A client's query. Only `sketch` is required; the fields are those of a search over REST."""

    type: Literal["query"]
    seq: int
    sketch: dict[str, Any]
    k: NotRequired[int]
    category: NotRequired[str | None]
    name: NotRequired[str | None]
    by_shape: NotRequired[bool]
    text: NotRequired[str]
    visit: NotRequired[str]
