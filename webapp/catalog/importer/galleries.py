"""The photos of changed products: which stay, move, go and come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from webapp.catalog.fetching.targets import target_of
from webapp.catalog.importer.files import photo_row
from webapp.catalog.importer.loading import Picture
from webapp.catalog.models import Photo, PictureHost, Product, RemotePicture

_ASIDE = 10_000  # positions of photos that are being moved, so that no two ever share one
Gallery = tuple[Product, int, Sequence[Picture]]  # with the row's number


def photos_replace(galleries: Sequence[Gallery]) -> list[str]:
    """Store the photos that are ready, keep those that are wanted still, and delete the others.

    Returns the names of files that no row names any more. Wanted pictures that are fetched later are left to
    `remote_request`.
    """
    held: dict[int, dict[str, Photo]] = defaultdict(dict)
    for one in Photo.objects.filter(product__in=[product for product, *_ in galleries]):
        held[one.product_id][one.url or one.file.name or ""] = one
    new: list[Photo] = []
    moved: list[Photo] = []
    gone: list[Photo] = []
    kept: set[str | None] = set()
    for product, _, pictures in galleries:
        photos = held[product.pk]
        for picture in pictures:
            if picture.key not in photos:
                new += [photo_row(product, picture.position, picture.ready)] if picture.ready else []
                continue
            photo = photos.pop(picture.key)
            kept.add(photo.file.name)
            if photo.position != picture.position:
                photo.position = picture.position
                moved.append(photo)
        gone += photos.values()
    Photo.objects.filter(pk__in=[photo.pk for photo in gone]).delete()
    if moved:
        Photo.objects.filter(pk__in=[photo.pk for photo in moved]).update(position=F("position") + _ASIDE)
        Photo.objects.bulk_update(moved, ["position"])
    Photo.objects.bulk_create(new)
    named = [(photo.file.name, photo.thumb.name, photo.edges.name) for photo in gone]
    return [name or "" for names in named if names[0] not in kept for name in names]


def remote_request(galleries: Sequence[Gallery], catalog_import: UUID | None) -> None:
    """Ask for the pictures that these products have by URL: new ones, and known ones in case they have changed.

    Requests for URLs that the products no longer name are dropped.
    """
    urls = {
        (product.pk, picture.url): (number, picture.position)
        for product, number, pictures in galleries
        for picture in pictures
        if picture.url
    }
    known = list(RemotePicture.objects.filter(product__in=[product for product, *_ in galleries]))
    gone = [picture.pk for picture in known if (picture.product_id, picture.url) not in urls]
    if gone:
        RemotePicture.objects.filter(pk__in=gone).delete()
    if not urls:
        return
    hosts, now = _hosts({target_of(url).authority for _, url in urls}), timezone.now()
    again = [picture for picture in known if (picture.product_id, picture.url) in urls]
    asked = {(picture.product_id, picture.url) for picture in again}
    new = [
        RemotePicture(product_id=product, url=url, host=hosts[target_of(url).authority])
        for product, url in urls
        if (product, url) not in asked
    ]
    for picture in [*again, *new]:
        picture.row, picture.position = urls[picture.product_id, picture.url]
        picture.catalog_import_id, picture.status = catalog_import, RemotePicture.Status.WAITING
        picture.attempts, picture.due_at, picture.error = 0, now, ""
    RemotePicture.objects.bulk_create(new)
    RemotePicture.objects.bulk_update(
        again, ["row", "position", "catalog_import", "status", "attempts", "due_at", "error"]
    )


def _hosts(names: set[str]) -> dict[str, PictureHost]:
    """Return the hosts of these names, with a request to attend to them."""
    PictureHost.objects.bulk_create([PictureHost(name=name) for name in names], ignore_conflicts=True)
    hosts = PictureHost.objects.filter(name__in=names)
    hosts.filter(status=PictureHost.Status.IDLE).update(
        status=PictureHost.Status.QUEUED, due_at=timezone.now(), failures=0
    )
    return {host.name: host for host in hosts}
