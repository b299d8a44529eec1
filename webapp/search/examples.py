"""Sketches for visitors who would rather not draw, and the draw page's invitation, both from the live catalogue.

Names that sketches are recognised as and that the catalogue sells are shown by drawings of Google's Quick, Draw! dataset;
a catalogue with few such names is shown by edges of its own photos. Before the first release, the drawings of
examples.json answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypedDict
from weakref import WeakKeyDictionary

import numpy as np
from django.utils.translation import get_language

from ml.retrieval.name_prior import FITS, NameFits
from ml.sketch.doodles import doodles
from ml.sketch.strokes import Sketch
from webapp.catalog.fits import name_label
from webapp.catalog.models import Photo
from webapp.registry.indexes.recogniser import recogniser
from webapp.registry.releases import live as live_module
from webapp.registry.releases.live import LiveRelease

_FILE = Path(__file__).with_name("examples.json")
N_EXAMPLES = 8
_FEW_NAMES = 4  # fewer are supplemented by the catalogue's photos
_N_INVITED = 4
_CANVAS, _MARGIN = 320, 0.15


class Example(TypedDict):
    name: str
    sketch: dict[str, Any]


class InvitationPayload(TypedDict):
    """What the catalogue sells, in words; `sketch` shows the first of them; `words` are examples that narrow results."""

    names: list[str]
    sketch: dict[str, Any] | None
    words: list[str]


_lock = threading.Lock()
_made: WeakKeyDictionary[LiveRelease, tuple[NameFits | None, dict[str, list[Example]]]] = WeakKeyDictionary()


def examples() -> list[Example]:
    """Return the examples with their names in the active language; made once per release and change of the catalogue."""
    language = "de" if (get_language() or "").startswith("de") else "en"
    live = live_module.current()
    if live is None:
        return [{"name": row["name"][language], "sketch": row["sketch"]} for row in _shipped()]
    fits = live.search.fits
    with _lock:
        known = _made.get(live)
        if known is None or known[0] is not fits:
            known = _made[live] = (fits, {})
        if language not in known[1]:
            known[1][language] = _of_catalogue(live, fits, language)
        return known[1][language]


def invitation() -> InvitationPayload:
    """Return what the page invites to draw, in the active language."""
    shown = examples()
    live = live_module.current()
    greeting = live.index.greeting if live else None
    language = "de" if (get_language() or "").startswith("de") else "en"
    words = (greeting.words or {}).get(language, ()) if greeting else ()
    return {
        "names": [example["name"] for example in shown[:_N_INVITED]],
        "sketch": shown[0]["sketch"] if shown else None,
        "words": list(words),
    }


def _of_catalogue(live: LiveRelease, fits: NameFits | None, language: str) -> list[Example]:
    names = sold_names(fits, N_EXAMPLES) if fits is not None else []
    found = [_of_name(name, language) for name in names]
    if len(found) < _FEW_NAMES:
        traced = list(_of_photos(live))
        taken = {example["name"].casefold() for example in traced}
        found = traced + [one for one in found if one["name"].casefold() not in taken]
    return found[:N_EXAMPLES]


def sold_names(fits: NameFits, most: int) -> list[str]:
    """Return names that products are, the one with most products first, each of products that the others do not mean."""
    means = (fits.fits >= FITS) & np.isin(np.array(fits.names), list(doodles()))
    left = fits.sizes.astype(np.int64).copy()
    left[0] = 0
    chosen: list[str] = []
    while len(chosen) < most:
        counts = left @ means
        best = int(counts.argmax())
        if not counts[best]:
            break
        chosen.append(fits.names[best])
        left[means[:, best]] = 0
    return chosen


def _of_name(name: str, language: str) -> Example:
    for row in _shipped():
        if row["quickdraw"] == name:
            return {"name": row["name"][language], "sketch": row["sketch"]}
    label = name_label(name, language)
    return {"name": label[:1].upper() + label[1:], "sketch": _clearest(name)}


@cache
def _clearest(name: str) -> dict[str, Any]:
    """Return the drawing of a name that is recognised best; the first without a recogniser."""
    drawings, known = doodles()[name], recogniser()
    if known is None or name not in known.names:
        return _framed(drawings[0])
    place = known.names.index(name)
    chances = [float(known.recognise(drawing).probabilities[place]) for drawing in drawings]
    return _framed(drawings[int(np.argmax(chances))])


def _framed(drawing: Sketch) -> dict[str, Any]:
    """Return a drawing in the middle of a square canvas, with a margin, like those of examples.json."""
    x0, y0, x1, y1 = drawing.ink_box()
    side = _CANVAS * (1 - 2 * _MARGIN)
    scale = side / max(x1 - x0, y1 - y0, 1.0)
    shift = _CANVAS / 2 - scale * np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    strokes = [(stroke[:, :2] * scale + shift).round(1).tolist() for stroke in drawing.strokes]
    return {"width": _CANVAS, "height": _CANVAS, "strokes": strokes}


def _of_photos(live: LiveRelease) -> Iterator[Example]:
    """Yield sketches traced from photos, named after the category, or after the product if the category had one."""
    greeting = live.index.greeting
    traced = dict(greeting.sketches) if greeting else {}
    photos = Photo.objects.filter(pk__in=list(traced), product__active=True)
    by_id = photos.select_related("product__category").in_bulk()
    seen: set[str] = set()
    for photo_id, sketch in traced.items():
        if photo := by_id.get(photo_id):
            category, product = photo.product.category.name, photo.product.name
            name = product if category in seen else category
            if name not in seen:
                seen.add(name)
                yield {"name": name, "sketch": sketch}


@cache
def _shipped() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_FILE.read_text())["examples"]
    for row in rows:
        row["quickdraw"] = row["source"].removeprefix("QuickDraw ").rpartition(" ")[0]
    return rows
