"""Format `snapshot`: an export of the site, a folder or a zip of it, immutable once written.

    manifest.json     `Manifest`; format and version are required
    products.jsonl    `ProductRow` a line
    sketches.ndjson   {"key_id", "word": category, "photo": product key | null, "split"?, "drawing": [...]} a line
    triplets.jsonl    `TripletRow` a line
    votes.jsonl       `VoteRow` a line; for people and other programs, training does not read it
    photos/*

A sketch without a product needs a split; any other lies in its product's. A triplet is the consensus on one unordered
pair of photos. Unknown keys are ignored. The SHA-256 of the manifest, which holds the SHA-256 of every other file, is the
snapshot's id: equal content must give equal bytes, so keys are written in the order in which the types name them.
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
PHOTOS = "photos"
MAX_VOTES = 1_000  # on one triplet


class ProductRow(TypedDict):
    """key: of its own. photo, edge: names of files in the snapshot."""

    key: str
    name: NotRequired[str]
    category: str
    split: Split
    photo: str
    edge: NotRequired[str]


class VoteCounts(TypedDict):
    """How many workers chose each photo of a triplet."""

    positive: int
    negative: int
    cant_tell: NotRequired[int]


class TripletRow(TypedDict):
    """sketch: its key_id. positive, negative: products' keys. split: the sketch's.

    votes: absent means one vote for the positive. random: whether the pair was drawn without regard to any model.
    probability: of the positive, by aggregations that estimate it.
    """

    sketch: str
    positive: str
    negative: str
    votes: NotRequired[VoteCounts]
    split: Split
    random: NotRequired[bool]
    probability: NotRequired[float]


class VoteRow(TypedDict):
    """One counted vote. worker: a number of this snapshot's own. choice: a, b or cant_tell. left: a or b."""

    sketch: str
    a: str
    b: str
    worker: str
    choice: str
    left: str
    response_ms: int


class CampaignTerms(TypedDict):
    """How the campaign chose its tasks and asked for votes."""

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
    """How votes were merged, and how far workers agreed: alpha and pairwise agreement, None without pairs."""

    aggregation: str
    tie: str
    workers: int
    alpha: float | None
    agreement: float | None
    synthetic_votes: int


class SplitFacts(TypedDict):
    by: str
    val: float
    test: float


class Counts(TypedDict):
    products: int
    sketches: int
    triplets: int
    ties: int
    votes: int
    random: int


class Manifest(TypedDict):
    """created: ISO 8601. parent: SHA-256 of the snapshot that it was derived from. files: SHA-256 by name."""

    format: str
    version: int
    name: NotRequired[str]
    created: NotRequired[str]
    parent: NotRequired[str | None]
    campaign: NotRequired[CampaignTerms]
    consensus: NotRequired[ConsensusFacts]
    split: NotRequired[SplitFacts]
    counts: NotRequired[Counts]
    files: NotRequired[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Triplet:
    """A validated line of triplets.jsonl; its keys are not yet looked up."""

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
) -> list[str]:
    """Writes every file but photos and manifest into `folder`; their names."""
    _write_lines(folder / PRODUCTS, products)
    _write_lines(folder / TRIPLETS, triplets)
    _write_lines(folder / VOTES, votes)
    write_drawings(folder / SKETCHES, drawings)
    return [PRODUCTS, SKETCHES, TRIPLETS, VOTES]


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Writes the manifest; its SHA-256, which is the snapshot's id."""
    data = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    (folder / MANIFEST).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def read_manifest(data: bytes) -> Manifest:
    """The manifest. Raises DatasetError where it is none, or of another version."""
    content = _parsed(data, MANIFEST)
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise DatasetError(
            MANIFEST,
            f"expected format {FORMAT!r} version {VERSION}, "
            f"found {content.get('format')!r} version {content.get('version')!r}",
        )
    return content  # type: ignore[return-value]


def read_lines(data: bytes, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file, one per line, with the line's name. Raises DatasetError on any other line."""
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            yield f"{name}:{number}", _parsed(line, f"{name}:{number}")


def read_product(row: Mapping[str, Any], where: str) -> ProductRow:
    """A validated line of products.jsonl. Raises DatasetError naming the key."""
    return {
        "key": _text(row, "key", where),
        "category": _text(row, "category", where),
        "split": read_split(row, where),
        "photo": _text(row, "photo", where),
        "edge": str(row.get("edge") or ""),
    }


def read_triplet(row: Mapping[str, Any], where: str) -> Triplet:
    """A validated line of triplets.jsonl. Raises DatasetError naming the key."""
    n_positive, n_negative = _counted(row.get("votes"), where)
    return Triplet(
        row.get("sketch"),
        row.get("positive"),
        row.get("negative"),
        read_split(row, where),
        n_positive,
        n_negative,
    )


def read_split(row: Mapping[str, Any], where: str) -> Split:
    """The split that a line names. Raises DatasetError where it names none."""
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
        raise DatasetError(f"{where}.{name}", f"expected a text, found {value!r}")
    return value


def _counted(votes: object, where: str) -> tuple[int, int]:
    """Votes for the positive and for the negative."""
    if votes is None:
        return 1, 0
    counts = votes if isinstance(votes, dict) else {}
    positive, negative = counts.get("positive"), counts.get("negative", 0)
    if type(positive) is int and type(negative) is int and {positive, negative} <= set(range(MAX_VOTES + 1)):
        return positive, negative
    raise DatasetError(f"{where}.votes", f"expected counts of positive and negative, found {votes!r}")
