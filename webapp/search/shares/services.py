"""Store shared sketches."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction

from ml.errors import SketchError
from ml.sketch.strokes import HAND_LIMITS, parse_sketch
from ml.vocabulary.fit import vocabulary
from webapp.catalog.models import Category
from webapp.search.answering.narrowing import unknown_category
from webapp.search.answering.recognition import unknown_name
from webapp.search.models import Share
from webapp.search.shares.quota import SHARES

SHARE_MAX_BYTES = 400_000


def share_create(
    *,
    sketch: object,
    category: str | None,
    address: str,
    name: str | None = None,
    by_shape: bool = False,
    text: str = "",
) -> Share:
    """Return the link to a sketch and what its results are narrowed to, the existing one if the same was shared before.

    Numbers are stored as they were sent, so that the link gives exactly the same ranking. Raises SketchError naming what
    is wrong, ValidationError for an unknown category or name, and for a new share whatever `SHARES.take` raises.
    """
    parse_sketch(sketch, limits=HAND_LIMITS)
    assert isinstance(sketch, dict)
    kept: dict[str, Any] = {name: sketch[name] for name in ("width", "height", "strokes")}
    drawn = json.dumps(kept, separators=(",", ":"))
    if len(drawn) > SHARE_MAX_BYTES:
        raise SketchError("sketch", f"{len(drawn)} bytes; a shared sketch has at most {SHARE_MAX_BYTES}")
    row = _category(category)
    if name and name not in vocabulary().names:
        raise unknown_name(name)
    chosen = {"name": name or "", "by_shape": by_shape, "text": text.strip()}
    identity = f"{drawn}\n{category or ''}"
    if any(chosen.values()):  # otherwise as before there were any, so that old links are found again
        identity += f"\n{json.dumps(chosen)}"
    sha256 = hashlib.sha256(identity.encode()).hexdigest()
    known = Share.objects.filter(sha256=sha256)
    if share := known.first():
        return share
    SHARES.take(address=address, n_bytes=len(drawn))
    try:
        with transaction.atomic():
            return Share.objects.create(
                sha256=sha256, sketch=kept, n_bytes=len(drawn), category=row, **chosen
            )
    except IntegrityError:  # shared twice at the same time
        return known.get()


def _category(slug: str | None) -> Category | None:
    if not slug:
        return None
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        raise unknown_category(slug)
    return category
