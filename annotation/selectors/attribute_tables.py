"""Frozen attribute tables: their files, and their attributes as vectors for choosing candidates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.models import AttributeTable, Sketch
from annotation.sampling.candidates import UNKNOWN
from webapp.catalog.models import Product
from webapp.stores import artifacts

MANIFEST, ATTRIBUTES, VOTES = "manifest.json", "attributes.jsonl", "votes.jsonl"
_SAID = {"yes": 1.0, "no": 0.0, "tie": UNKNOWN}


def table_folder(table: AttributeTable) -> Path:
    """Return the table's local folder, fetched from the storage if needed. Raises FileNotFoundError."""
    return artifacts.local_folder(table.folder, (ATTRIBUTES, VOTES, MANIFEST))


def table_rows(table: AttributeTable) -> Iterator[dict[str, Any]]:
    """Yield the frozen rows. Raises FileNotFoundError."""
    with (table_folder(table) / ATTRIBUTES).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def attribute_vectors(
    table: AttributeTable, *, sketches: Sequence[Sketch], products: Sequence[Product]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return attributes of sketches (Q, A) and products (G, A), in the order of the table's attributes.

    1 is yes, 0 is no; Dawid-Skene's are probabilities. UNKNOWN for a tie, and for what nobody described.
    """
    place = {one["slug"]: column for column, one in enumerate(table.facts["attributes"])}
    of_sketches = np.full((len(sketches), len(place)), UNKNOWN, np.float32)
    of_products = np.full((len(products), len(place)), UNKNOWN, np.float32)
    sketch_row = {sketch.key: row for row, sketch in enumerate(sketches)}
    product_row = {product.sku: row for row, product in enumerate(products)}
    for line in table_rows(table):
        value = _SAID[line["outcome"]] if line["probability"] is None else line["probability"]
        column = place[line["attribute"]]
        if (row := sketch_row.get(line["sketch"])) is not None:
            of_sketches[row, column] = value
        if (row := product_row.get(line["product"])) is not None:
            of_products[row, column] = value
    return of_sketches, of_products


def describes(table: AttributeTable, *, sketches: Sequence[Sketch], products: Sequence[Product]) -> bool:
    """Return whether the table says something about any of the sketches, and about any of the products."""
    keys, skus = {sketch.key for sketch in sketches}, {product.sku for product in products}
    known_sketch = known_product = False
    for line in table_rows(table):
        known_sketch |= line["sketch"] in keys
        known_product |= line["product"] in skus
        if known_sketch and known_product:
            return True
    return False
