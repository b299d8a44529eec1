"""Format `snapshot`: an export of the site, as a folder or a zip, immutable once written.

    manifest.json     `Manifest`; format and version are required
    products.jsonl    one `ProductRow` per line
    sketches.ndjson   one {"key_id", "word": category, "photo": product key | null, "split"?, "drawing": [...]} per line
    triplets.jsonl    one `TripletRow` per line
    votes.jsonl       one `VoteRow` per line, for people and other programs; training does not read it
    unsettled.jsonl   only if asked for: one `UnsettledRow` per line, the triplets that were left out
    clicks.jsonl      only if clicks were added: one `ClickRow` per line, a source apart from the triplets
    photos/*

A sketch without a product needs a split; any other sketch is in its product's split. A triplet is the consensus on one
unordered pair of photos. Triplets that still awaited votes are left out, or flagged by `settled`, and counted in the
manifest; earlier versions of the site did neither. Unknown keys are ignored. The id of a snapshot is the SHA-256 of its
manifest, which holds the SHA-256 of every other file. Equal content must give equal bytes, so keys are written in the
order of the types below.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict, get_args

from ml.contracts.split import Split
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing, write_drawings

FORMAT, VERSION = "sketchfind-snapshot", 1
MANIFEST, PRODUCTS, SKETCHES, TRIPLETS, VOTES = (
    "manifest.json",
    "products.jsonl",
    "sketches.ndjson",
    "triplets.jsonl",
    "votes.jsonl",
)
CLICKS = "clicks.jsonl"
UNSETTLED = "unsettled.jsonl"
PHOTOS = "photos"
MAX_VOTES = 1_000  # on one triplet
MAX_WEIGHT = 1_000  # of a weak triplet


class ProductRow(TypedDict):
    """A product. key: unique in the snapshot. photo, edge: names of files in the snapshot."""

    key: str
    name: NotRequired[str]
    category: str
    split: Split
    photo: str
    edge: NotRequired[str]


class VoteCounts(TypedDict):
    """How many workers chose each photo of a triplet, or "can't tell"."""

    positive: int
    negative: int
    cant_tell: NotRequired[int]


class TripletRow(TypedDict):
    """A triplet after aggregation.

    sketch: its key_id. positive, negative: keys of products. split: the sketch's. votes: one vote for the positive if
    absent. random: whether the pair was drawn independently of any model. probability: that the positive is the closer
    one, 0 to 1, if the aggregation estimates it. settled: false if further votes could have changed the outcome.
    expert: the outcome is an expert's answer; for training, that is one vote for the positive.
    """

    sketch: str
    positive: str
    negative: str
    votes: NotRequired[VoteCounts]
    split: Split
    random: NotRequired[bool]
    probability: NotRequired[float]
    settled: NotRequired[bool]
    expert: NotRequired[bool]


class UnsettledRow(TypedDict):
    """A triplet that still awaited votes when it was frozen. a, b, cant_tell: votes so far."""

    sketch: str
    a: str
    b: str
    votes: dict[str, int]


class VoteRow(TypedDict):
    """One counted vote.

    worker: a number assigned within this snapshot. choice: "a", "b" or "cant_tell". left: the product shown on the left,
    "a" or "b". response_ms: time to answer in milliseconds. settled: false if the triplet still awaited votes.
    """

    sketch: str
    a: str
    b: str
    worker: str
    choice: str
    left: str
    response_ms: int
    settled: NotRequired[bool]


class ClickRow(TypedDict):
    """A weak triplet: from the answer to a sketch, a product that was opened and one that was passed over.

    weight: above 0; the triplets of one click add up to the inverse of the chance that its rank was looked at. split: the
    sketch's; in train, so are both products.
    """

    sketch: str
    opened: str
    passed_over: str
    weight: float
    split: Split


class ClickFacts(TypedDict):
    """How clicks became triplets. exponent, ci95: of the position bias, rank ** -exponent. swap_clicks: clicks that it
    was estimated from. since, until: ISO 8601 of the first and last answer.
    """

    answers: int
    clicks: int
    exponent: float
    ci95: list[float]
    swap_clicks: int
    since: str
    until: str


class CampaignTerms(TypedDict):
    """How the campaign chose its tasks and collected votes."""

    slug: str
    kind: str
    release: str
    seed: int
    votes_per_task: int
    stop_when_decided: bool
    choice: Any
    weights: Any
    true_match_forced: bool | None


class ConsensusFacts(TypedDict):
    """How votes were merged, and inter-annotator agreement: Krippendorff's alpha and pairwise, None without pairs.

    unsettled: what became of triplets that still awaited votes, "left_out", "listed" or "flagged". experts: judged pairs
    whose outcome is an expert's answer, ties among them. Both are absent if there are none.
    """

    aggregation: str
    tie: str
    workers: int
    alpha: float | None
    agreement: float | None
    synthetic_votes: int
    unsettled: NotRequired[str]
    experts: NotRequired[int]


class SplitFacts(TypedDict):
    """How products were split. val, test: shares, 0 to 1."""

    by: str
    val: float
    test: float


class Counts(TypedDict):
    """Numbers of rows. ties: judged pairs without a majority. random: triplets drawn independently of any model. clicks:
    weak triplets. unsettled: judged pairs that still awaited votes, left out or flagged; absent if there are none.
    """

    products: int
    sketches: int
    triplets: int
    ties: int
    votes: int
    random: int
    clicks: NotRequired[int]
    unsettled: NotRequired[int]


class Manifest(TypedDict):
    """The manifest. created: ISO 8601. parent: SHA-256 of the snapshot it derives from. files: SHA-256 by name."""

    format: str
    version: int
    name: NotRequired[str]
    created: NotRequired[str]
    parent: NotRequired[str | None]
    campaign: NotRequired[CampaignTerms]
    consensus: NotRequired[ConsensusFacts]
    split: NotRequired[SplitFacts]
    clicks: NotRequired[ClickFacts]
    counts: NotRequired[Counts]
    files: NotRequired[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Triplet:
    """A validated line of triplets.jsonl; its keys are not resolved yet."""

    sketch: object
    positive: object
    negative: object
    split: Split
    n_positive: int
    n_negative: int


def write_files(
    folder: Path,
    *,
    products: Sequence[ProductRow],
    drawings: Iterable[Drawing],
    triplets: Sequence[TripletRow],
    votes: Sequence[VoteRow],
    clicks: Sequence[ClickRow] = (),
    unsettled: Sequence[UnsettledRow] = (),
) -> list[str]:
    """Write every file except photos and manifest into `folder` and return their names."""
    _write_lines(folder / PRODUCTS, products)
    _write_lines(folder / TRIPLETS, triplets)
    _write_lines(folder / VOTES, votes)
    write_drawings(folder / SKETCHES, drawings)
    names = [PRODUCTS, SKETCHES, TRIPLETS, VOTES]
    for name, rows in ((CLICKS, clicks), (UNSETTLED, unsettled)):
        if rows:
            _write_lines(folder / name, rows)
            names.append(name)
    return names


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Write the manifest and return its SHA-256 in hex, the snapshot's id."""
    data = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    (folder / MANIFEST).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def read_manifest(data: bytes) -> Manifest:
    """Parse a manifest. Raises DatasetError if it is not JSON or has another format or version."""
    content = _parsed(data, MANIFEST)
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise DatasetError(
            MANIFEST,
            f"expected format {FORMAT!r} version {VERSION}, "
            f"found {content.get('format')!r} version {content.get('version')!r}",
        )
    return content  # type: ignore[return-value]


def read_lines(data: bytes, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield ("name:line", object) for each line of JSON; blank lines are skipped. Raises DatasetError on another line."""
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            yield f"{name}:{number}", _parsed(line, f"{name}:{number}")


def read_product(row: Mapping[str, Any], where: str) -> ProductRow:
    """Validate a line of products.jsonl. Raises DatasetError naming the wrong key."""
    return {
        "key": _text(row, "key", where),
        "category": _text(row, "category", where),
        "split": read_split(row, where),
        "photo": _text(row, "photo", where),
        "edge": str(row.get("edge") or ""),
    }


def read_triplet(row: Mapping[str, Any], where: str) -> Triplet:
    """Validate a line of triplets.jsonl. Raises DatasetError naming the wrong key."""
    n_positive, n_negative = _counted(None if row.get("expert") is True else row.get("votes"), where)
    return Triplet(
        row.get("sketch"),
        row.get("positive"),
        row.get("negative"),
        read_split(row, where),
        n_positive,
        n_negative,
    )


def read_click(row: Mapping[str, Any], where: str) -> ClickRow:
    """Validate a line of clicks.jsonl. Raises DatasetError naming the wrong key."""
    weight = row.get("weight")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= MAX_WEIGHT:
        raise DatasetError(
            f"{where}.weight", f"expected a number above 0, at most {MAX_WEIGHT}, found {weight!r}"
        )
    return {
        "sketch": _text(row, "sketch", where),
        "opened": _text(row, "opened", where),
        "passed_over": _text(row, "passed_over", where),
        "weight": float(weight),
        "split": read_split(row, where),
    }


def read_split(row: Mapping[str, Any], where: str) -> Split:
    """Return the split that a line names. Raises DatasetError if it names none."""
    splits: tuple[Split, ...] = get_args(Split)
    for split in splits:
        if row.get("split") == split:
            return split
    raise DatasetError(f"{where}.split", f"expected one of {', '.join(splits)}, found {row.get('split')!r}")


def _write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DatasetError(where, f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise DatasetError(where, "expected a JSON object")
    return row


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise DatasetError(f"{where}.{name}", f"expected a non-empty string, found {value!r}")
    return value


def _counted(votes: object, where: str) -> tuple[int, int]:
    """Return the votes for the positive and for the negative."""
    if votes is None:
        return 1, 0
    counts = votes if isinstance(votes, dict) else {}
    positive, negative = counts.get("positive"), counts.get("negative", 0)
    if type(positive) is int and type(negative) is int and {positive, negative} <= set(range(MAX_VOTES + 1)):
        return positive, negative
    raise DatasetError(f"{where}.votes", f"expected counts of positive and negative, found {votes!r}")
