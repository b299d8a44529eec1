"""The training data of `sketchfind`: products (humanised line drawings, photos, edge maps) and QuickDraw doodles."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from ml.datasets.catalogue import MAIN_VIEW, Catalogue, CatalogueProduct, read_photo
from ml.datasets.files import open_files
from ml.datasets.quickdraw import QuickDrawDataset, QuickDrawSketch, read_quickdraw
from ml.errors import DatasetError
from ml.images.crop import object_box
from ml.images.edges import edge_map
from ml.images.transforms import frame
from ml.models.sketch_encoder import DOMAINS
from ml.sketch.humanise import humanised
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.sequence import compact, from_compact
from ml.sketch.strokes import Sketch
from ml.systems.sketchfind.augment import doodled, flipped, varied_image
from ml.systems.sketchfind.config import SketchfindConfig
from ml.systems.sketchfind.pictures import Picture, read_pictures

SKETCH, EDGE, PHOTO = (DOMAINS.index(name) for name in ("sketch", "edge", "photo"))


@dataclass(frozen=True)
class Batch:
    """n drawings, their n gallery images, then m doodles.

    images: uint8 (2n + m, S, S, 3). domain: int64 (2n + m,). product: int64 (n,), number of each pair's product or
    picture. labels: bool (2n + m, L), the right labels of each image; a picture has none.
    """

    images: NDArray[np.uint8]
    domain: NDArray[np.int64]
    product: NDArray[np.int64]
    labels: NDArray[np.bool_]


@dataclass(frozen=True)
class View:
    """One view of a product: line drawing, and framed photo, uint8 (S, S, 3), and edge map, uint8 (S, S)."""

    name: str
    drawing: Sketch | None
    photo: NDArray[np.uint8]
    edges: NDArray[np.uint8]


class SketchfindData:
    """The decoded and framed catalogue, the doodles, and seeded batches of them.

    Labels are the shop categories, followed by the QuickDraw names without a shop category. Raises DatasetError if there
    are too few products to fill a batch.
    """

    def __init__(self, config: SketchfindConfig, root: Path) -> None:
        self.config = config
        self.spec = RasterSpec(size=config.image_size_px, stroke_width_px=config.stroke_width_px)
        self.catalogue = Catalogue(root)
        self.doodles = read_quickdraw(config.quickdraw) if config.quickdraw else []
        self.doodles += _more_doodles(config.more, {doodle.key_id for doodle in self.doodles})
        self.pictures = read_pictures(config.pictures, self.spec) if config.pictures else []
        if self.pictures and len(self.pictures) < config.picture_pairs:
            raise DatasetError(
                "pictures", f"{len(self.pictures)} usable pictures, expected at least {config.picture_pairs}"
            )
        self.views = [self._views(p) for p in track(self.catalogue.products, description="Reading photos")]
        self._answers = {
            name: self.shop_categories(name) for name in {doodle.name for doodle in self.doodles}
        }
        unmapped = sorted(name for name, answers in self._answers.items() if not answers)
        self._n_answering = {name: int(self.catalogue.answering(name).sum()) for name in self._answers}
        self.labels = [*self.catalogue.categories, *unmapped]
        self.n_labels = len(self.labels)
        self._label_number = {label: number for number, label in enumerate(self.labels)}
        self._product_labels = self._named_products()
        self._train_products = [
            number
            for number, product in enumerate(self.catalogue.products)
            if product.split == "train" and self.views[number][0].drawing is not None
        ]
        if len(self._train_products) < config.pairs:
            raise DatasetError(
                "--root",
                f"{len(self._train_products)} products to train on, expected at least {config.pairs}",
            )
        self._by_category: dict[str, list[int]] = {}
        for number in self._train_products:
            self._by_category.setdefault(self.catalogue.products[number].category, []).append(number)
        self._doodles_by_name: dict[bool, dict[str, list[QuickDrawSketch]]] = {True: {}, False: {}}
        for doodle in self.doodles:
            if doodle.split == "train":
                sold = bool(self._answers[doodle.name]) or doodle.name in self.catalogue.quickdraw_products
                self._doodles_by_name[sold].setdefault(doodle.name, []).append(doodle)
        self._products_of_label: dict[str, list[int]] = {}
        for number in self._train_products:
            for label in self._product_labels[number]:
                self._products_of_label.setdefault(label, []).append(number)

    @property
    def counts(self) -> dict[str, int]:
        """How many products, doodles and pictures are trained on."""
        return {
            "products": len(self._train_products),
            "doodles": sum(
                len(drawings) for by in self._doodles_by_name.values() for drawings in by.values()
            ),
            "pictures": len(self.pictures),
        }

    def shop_categories(self, name: str) -> list[str]:
        """Return the categories of the products that are right for a QuickDraw name."""
        right = self.catalogue.answering(name)
        return sorted(
            {
                product.category
                for product, is_right in zip(self.catalogue.products, right, strict=True)
                if is_right
            }
        )

    def _named_products(self) -> list[list[str]]:
        """Return the right labels of each product: its category, and doodle names without a category that it fits."""
        labels = [[product.category] for product in self.catalogue.products]
        number = {product.sku: index for index, product in enumerate(self.catalogue.products)}
        for name, skus in self.catalogue.quickdraw_products.items():
            if name in self._label_number:
                for sku in skus:
                    labels[number[sku]].append(name)
        return labels

    def batch(self, rng: np.random.Generator) -> Batch:
        """Draw a batch of train products and train doodles; it depends only on the generator."""
        n = self.config.pairs
        doodles = [
            self._sample_doodle(rng) for _ in range(self.config.category_sketches if self.doodles else 0)
        ]
        numbers = self._sample_products(rng, n, doodles)
        drawings, gallery, domains, labels = [], [], [], []
        pairs = [(self._pair(rng, self.views[number]), self._product_labels[number]) for number in numbers]
        if self.pictures:
            chosen = rng.choice(len(self.pictures), self.config.picture_pairs, replace=False)
            pairs += [(self._picture_pair(rng, self.pictures[number]), []) for number in chosen]
            numbers += [len(self.views) + int(number) for number in chosen]
        for (drawing, image, domain), names in pairs:
            drawings.append(drawing)
            gallery.append(image)
            domains.append(domain)
            labels.append(self._label_row(names))
        doodle_images = [
            as_rgb(rasterise(doodled(doodle.sketch, rng, self.config), self.spec)) for doodle in doodles
        ]
        doodle_labels = [self._label_row(self._answers[d.name] or [d.name]) for d in doodles]
        return Batch(
            images=np.stack([*drawings, *gallery, *doodle_images]),
            domain=np.array([SKETCH] * len(drawings) + domains + [SKETCH] * len(doodles)),
            product=np.array(numbers),
            labels=np.stack([*labels, *labels, *doodle_labels]),
        )

    def prefetched(self) -> Callable[[int], Batch]:
        """Return batch(step) for consecutive steps; a thread prepares the next ones."""
        pool = ThreadPoolExecutor(1)
        waiting: dict[int, Future[Batch]] = {}

        def get(step: int) -> Batch:
            for ahead in range(step, step + 3):
                if ahead not in waiting:
                    rng = np.random.default_rng([self.config.seed, 0, ahead])
                    waiting[ahead] = pool.submit(self.batch, rng)
            return waiting.pop(step).result()

        return get

    def _views(self, product: CatalogueProduct) -> list[View]:
        views = []
        for view in product.views:
            photo = read_photo(view.photo)
            box = object_box(photo)
            edges = edge_map(photo)
            views.append(
                View(view.name, view.drawing, frame(photo, box, self.spec), frame(edges, box, self.spec))
            )
        assert views[0].name == MAIN_VIEW
        return views

    def _sample_products(
        self, rng: np.random.Generator, n: int, doodles: Sequence[QuickDrawSketch]
    ) -> list[int]:
        """Return n different products: some that the doodles may mean, the others half uniformly over products, half
        uniformly over categories.
        """
        chosen: dict[int, None] = {}
        categories = list(self._by_category)
        asked = [
            pool
            for doodle in doodles
            for label in self._answers[doodle.name] or [doodle.name]
            if (pool := self._products_of_label.get(label))
        ]
        while len(chosen) < n:
            if asked and rng.random() < self.config.asked_prob:
                pool = asked[rng.integers(len(asked))]
            elif rng.random() < 0.5:
                pool = self._train_products
            else:
                pool = self._by_category[categories[rng.integers(len(categories))]]
            chosen[pool[rng.integers(len(pool))]] = None
        return list(chosen)

    def _pair(
        self, rng: np.random.Generator, views: list[View]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
        drawn = [view for view in views if view.drawing is not None]
        view = drawn[0] if rng.random() < 0.5 else drawn[rng.integers(len(drawn))]
        shown = views[0] if rng.random() < self.config.other_view_prob else view
        assert view.drawing is not None
        return self._drawn_and_shown(rng, view.drawing, shown.photo, shown.edges)

    def _picture_pair(
        self, rng: np.random.Generator, picture: Picture
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
        return self._drawn_and_shown(rng, from_compact(picture.drawing), picture.photo, picture.edges)

    def _drawn_and_shown(
        self, rng: np.random.Generator, drawing: Sketch, photo: NDArray[np.uint8], edges: NDArray[np.uint8]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
        """Return a humanised drawing and a varied gallery image, uint8 (S, S, 3), and the domain of the second."""
        flip = rng.random() < 0.5
        sketch = humanised(
            flipped(drawing) if flip else drawing,
            rng,
            abstract_prob=self.config.abstract_prob,
            partial_prob=self.config.partial_prob,
        )
        domain = EDGE if rng.random() < 0.5 else PHOTO
        image = edges if domain == EDGE else photo
        image = as_rgb(image[:, ::-1] if flip else image)
        image = varied_image(image, rng, colour=domain == PHOTO, background_prob=self.config.background_prob)
        return as_rgb(rasterise(sketch, self.spec)), image, domain

    def _sample_doodle(self, rng: np.random.Generator) -> QuickDrawSketch:
        """Draw a doodle: with probability `sold_prob` of a name that the shop sells, weighted by its products."""
        mapped = bool(rng.random() < self.config.sold_prob)
        by_name = self._doodles_by_name[mapped] or self._doodles_by_name[not mapped]
        names = list(by_name)
        weight = np.sqrt([max(1, self._n_answering[name]) for name in names])
        pool = by_name[names[rng.choice(len(names), p=weight / weight.sum())]]
        return pool[rng.integers(len(pool))]

    def _label_row(self, labels: list[str]) -> NDArray[np.bool_]:
        row = np.zeros(self.n_labels, dtype=bool)
        row[[self._label_number[label] for label in labels]] = True
        return row


def _more_doodles(roots: Sequence[Path], known: set[str]) -> list[QuickDrawSketch]:
    """Return the drawings of further folders, all for training, without those that are already known."""
    found = []
    for root in roots:
        dataset = QuickDrawDataset(open_files(root, "quickdraw"), field="more")
        for name in track(dataset.categories, description=f"Reading {root.name}"):
            for drawing in dataset.stream(name):
                if drawing.key_id not in known:
                    known.add(drawing.key_id)
                    simple = from_compact(compact(drawing.sketch))
                    found.append(QuickDrawSketch(name, drawing.key_id, "train", simple))
    return found


def as_rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a grey image (S, S) as three equal channels (S, S, 3); a colour image is unchanged."""
    return (
        image
        if image.ndim == 3
        else np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_GRAY2RGB), np.uint8)
    )
