"""`bench vocabulary`: how well fits from words alone find the products of the demo catalogue that are right for a name.

The names that have products are split at random in two halves. Constants (`ml.vocabulary.relations.Weights`) and rules
were checked on the first; the second only reports. The tables of words were written before the split, by people who knew
which shop the demo catalogue is: expect a little less on another one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue
from ml.metrics.ranking import average_precision
from ml.vocabulary.concepts import Language, concepts
from ml.vocabulary.fit import ProductWords, Vocabulary
from ml.vocabulary.relations import Weights

DEMO = Path(__file__).parents[2] / "webapp" / "catalog" / "demo" / "data"
ACCEPTED = 0.5
SEED = 20240917
TEXTS = ("name and category", "name", "category", "German category")


def run() -> dict[str, Any]:
    """Return the figures of both halves for each choice of texts, and mAP on the first half with other constants."""
    demo = Demo(DEMO)
    chosen, other = demo.halves()
    result: dict[str, Any] = {"n_products": len(demo.products), "n_names": [len(chosen), len(other)]}
    vocabulary = Vocabulary(concepts())
    started = perf_counter()
    demo.fits(vocabulary, TEXTS[0])
    result["ms_per_product"] = round(1000 * (perf_counter() - started) / len(demo.products), 3)
    for text in TEXTS:
        fits = demo.fits(vocabulary, text)
        result[f"{text}, chosen on"] = demo.figures(fits, chosen)
        result[f"{text}, held out"] = demo.figures(fits, other)
    result["names without products"] = demo.strays(demo.fits(vocabulary, TEXTS[0]))
    result["mAP with other constants, chosen on"] = {
        f"{name}={value}": demo.figures(demo.fits(Vocabulary(concepts(), weights), TEXTS[0]), chosen)["mAP"]
        for name, value, weights in variations(Weights())
    }
    return result


def variations(weights: Weights) -> list[tuple[str, float, Weights]]:
    """Return the constants with one of them at a time halved, and at a time half-way to 1 (or doubled)."""
    varied = []
    for each in fields(weights):
        value = getattr(weights, each.name)
        for other in (value // 2, value * 2) if isinstance(value, int) else (value / 2, (1 + value) / 2):
            varied.append((each.name, other, replace(weights, **{each.name: other})))
    return varied


class Demo:
    """The demo catalogue's words, and which products are right for which name."""

    def __init__(self, root: Path) -> None:
        catalogue = Catalogue(root)
        self.products = catalogue.products
        self._categories: Mapping[str, Mapping[Language, str]] = json.loads(
            (root / "categories.json").read_text()
        )
        row_of = {product.sku: row for row, product in enumerate(self.products)}
        self.right = {
            name: np.isin(np.arange(len(self.products)), [row_of[sku] for sku in skus])
            for name, skus in catalogue.quickdraw_products.items()
        }

    def halves(self) -> tuple[list[str], list[str]]:
        names = np.random.default_rng(SEED).permutation(sorted(self.right)).tolist()
        return names[: len(names) // 2], names[len(names) // 2 :]

    def words(self, row: int, text: str) -> ProductWords:
        product = self.products[row]
        names = self._categories[product.category]
        given: dict[str, Mapping[Language, str]] = {"German category": {"de": names["de"]}, "name": {}}
        name = product.name if "name" in text.split() else ""
        return ProductWords(name, given.get(text, names))

    def fits(self, vocabulary: Vocabulary, text: str) -> dict[str, NDArray[np.float32]]:
        """Return each name's fit of every product, float32 (P,)."""
        rows = np.stack([vocabulary.fit(self.words(row, text)) for row in range(len(self.products))])
        return dict(zip(vocabulary.names, rows.T, strict=True))

    def figures(self, fits: Mapping[str, NDArray[np.float32]], names: Sequence[str]) -> dict[str, float]:
        """Return means over `names`: mAP, recall and precision at fit >= 0.5, wrong products there, unfound names."""
        accepted = {name: fits[name] >= ACCEPTED for name in names}
        hits = {name: int((accepted[name] & self.right[name]).sum()) for name in names}
        wrong = {name: int((accepted[name] & ~self.right[name]).sum()) for name in names}
        ranked = {name: average_precision(-fits[name][None], self.right[name][None])[0] for name in names}
        return {
            "mAP": round(float(np.mean(list(ranked.values()))), 3),
            "recall@0.5": round(float(np.mean([hits[n] / self.right[n].sum() for n in names])), 3),
            "precision@0.5": round(sum(hits.values()) / max(1, sum(hits.values()) + sum(wrong.values())), 3),
            "wrong@0.5 per name": round(float(np.mean(list(wrong.values()))), 2),
            "names without a right product@0.5": sum(not hits[name] for name in names),
        }

    def strays(self, fits: Mapping[str, NDArray[np.float32]]) -> dict[str, int]:
        """Return names for which no product is right, but which some fit at 0.5 or more, with their number."""
        counts = {name: int((fits[name] >= ACCEPTED).sum()) for name in fits if name not in self.right}
        return {name: count for name, count in counts.items() if count}
