"""Read and prepare the pictures of a batch of rows, each in a thread of its own: few are in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ml.errors import SketchfindError, gettext_noop
from ml.images.decode import ImageLimits
from webapp.catalog.fetching.errors import FetchError
from webapp.catalog.fetching.targets import is_url, target_of
from webapp.catalog.importer.files import file_names
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.photos import PreparedPhoto, photo_prepare, sha256_of
from webapp.catalog.importer.rows import FeedRow
from webapp.catalog.importer.sources import Pictures
from webapp.catalog.models import Product, RemotePicture

Parallel = Callable[..., Iterable["Picture | SketchfindError"]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a row names: a file with its content, or a URL that is fetched later.

    key: the name of its photo's file, or the URL. identity: what a fingerprint has of it. ready: None if the product has
    the photo already, or it is fetched later.
    """

    position: int
    key: str
    identity: str
    url: str = ""
    ready: PreparedPhoto | None = None


@dataclass(slots=True)
class Loaded:
    """The usable pictures of a row, in order, and what is wrong with the others."""

    pictures: list[Picture] = field(default_factory=list)
    errors: list[SketchfindError] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return "\n".join(picture.identity for picture in self.pictures)

    @property
    def all_stored(self) -> bool:
        return all(picture.ready is None for picture in self.pictures)


def pictures_load(
    rows: Sequence[FeedRow],
    known: dict[str, Product],
    pictures: Pictures,
    limits: ImageLimits,
    parallel: Parallel,
) -> list[Loaded]:
    """Return the pictures of each row; of a row without any, those that its product has.

    known: the products that exist, by SKU, with their photos.
    """

    def load(task: tuple[FeedRow, int]) -> Picture | SketchfindError:
        row, position = task
        try:
            return _load(row, position, known.get(row.sku), pictures, limits)
        except SketchfindError as error:
            return error

    tasks = [(number, position) for number, row in enumerate(rows) for position in range(len(row.images))]
    found = [Loaded() for _ in rows]
    results = parallel(load, [(rows[number], position) for number, position in tasks])
    for (number, _), result in zip(tasks, results, strict=True):
        if isinstance(result, SketchfindError):
            found[number].errors.append(result)
        elif result.key not in {picture.key for picture in found[number].pictures}:
            found[number].pictures.append(result)
    kept = [(each, known[row.sku]) for each, row in zip(found, rows, strict=True) if _keeps(row, known)]
    stored = _stored([product for _, product in kept]) if kept else {}
    for each, product in kept:
        each.pictures += stored[product.pk]
    return found


def _keeps(row: FeedRow, known: dict[str, Product]) -> bool:
    return not row.images and row.sku in known


def _stored(products: Sequence[Product]) -> dict[int, list[Picture]]:
    """Return the pictures that products have, in order, by the product's id: files, and those asked for by URL."""
    found: dict[int, list[Picture]] = {product.pk: [] for product in products}
    for product in products:
        files = (photo for photo in product.photos.all() if not photo.url)
        found[product.pk] += [Picture(one.position, one.file.name or "", one.sha256) for one in files]
    for remote in RemotePicture.objects.filter(product__in=list(found)):
        found[remote.product_id].append(Picture(remote.position, remote.url, remote.url, url=remote.url))
    return {pk: sorted(pictures, key=lambda one: one.position) for pk, pictures in found.items()}


def _load(
    row: FeedRow, position: int, product: Product | None, pictures: Pictures, limits: ImageLimits
) -> Picture:
    reference = row.images[position]
    if is_url(reference):
        try:
            url = target_of(reference).url
        except FetchError as error:
            raise RowError(
                "photo",
                gettext_noop("{reference!r} is no address of a picture: {why}"),
                reference=reference[:60],
                why=error,
            ) from error
        return Picture(position, url, url, url=url)
    data = pictures.read(reference)
    sha256 = sha256_of(data)
    file = file_names(row.sku, sha256)[0]
    stored = {photo.file.name for photo in product.photos.all() if not photo.url} if product else set()
    return Picture(position, file, sha256, ready=None if file in stored else photo_prepare(data, limits))
