"""Signed ids of answers.

The id contains what was shown, so that nothing is stored of an answer that nobody looks at, and a click cannot name a
product or rank that was not shown. The signature covers the time, too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.core import signing
from django.utils.crypto import salted_hmac

from ml.errors import SketchfindError
from ml.sketch.strokes import Sketch

VALID_S = 86_400
_SALT = "webapp.clicks.answer"


class AnswerIdError(SketchfindError):
    """An answer's id was not signed by this site, or has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an answer's id says; the fields are those of `clicks.Answer`. digest: of the sketch, empty for an image."""

    key: str
    visit: str
    release_id: int
    kind: str
    product_ids: tuple[int, ...]
    name: str
    category: str
    good: bool
    pair: int = 0
    swapped: bool = False
    digest: str = ""
    experiment_id: int | None = None
    teams: str = ""


def answer_key() -> str:
    """Return 12 random characters."""
    return secrets.token_urlsafe(9)


def visit_hash(visit: str) -> str:
    """Return the keyed hash under which a visit's answers are stored; empty without a visit."""
    return salted_hmac("clicks-visit", visit).hexdigest()[:24] if visit else ""


def sketch_digest(sketch: Sketch) -> str:
    """Return a digest of a parsed sketch: equal requests give equal ones."""
    digest = blake2b(f"{sketch.width} {sketch.height} {sketch.lengths.tolist()}".encode(), digest_size=8)
    digest.update(sketch.points().tobytes())
    return digest.hexdigest()


def answer_id(shown: Shown) -> str:
    """Return the signed id, URL-safe, some 300 characters for 24 products."""
    return signing.dumps(
        [
            *(shown.key, shown.visit, shown.release_id, shown.kind, shown.product_ids, shown.name),
            *(shown.category, int(shown.good), shown.pair, int(shown.swapped), shown.digest),
            *(shown.experiment_id, shown.teams),
        ],
        salt=_SALT,
        compress=True,
    )


def answer_shown(signed: str) -> Shown:
    """Return what an id says. Raises AnswerIdError if it is not ours or older than a day."""
    try:
        fields: list[Any] = signing.loads(signed, salt=_SALT, max_age=VALID_S)
    except signing.SignatureExpired:
        raise AnswerIdError("answer_id", "has expired; clicks count within a day") from None
    except signing.BadSignature:
        raise AnswerIdError("answer_id", "is not one of this site's answers") from None
    key, visit, release_id, kind, product_ids, name, category, good, pair, swapped, digest, *mixed = fields
    experiment_id, teams = mixed
    return Shown(
        key=key,
        visit=visit,
        release_id=release_id,
        kind=kind,
        product_ids=tuple(product_ids),
        name=name,
        category=category,
        good=bool(good),
        pair=pair,
        swapped=bool(swapped),
        digest=digest,
        experiment_id=experiment_id,
        teams=teams,
    )
