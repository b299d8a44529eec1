"""Rows for tests."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import factory
import numpy as np
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory
from PIL import Image, ImageDraw

from ml.images.decode import ImageLimits
from webapp.accounts.models import User
from webapp.catalog.importer.photos import PreparedPhoto, photo_prepare
from webapp.catalog.models import Category, Photo, Product


@cache
def picture(seed: int = 0, *, side: int = 160, format: str = "PNG", **save: Any) -> bytes:
    """Return the bytes of a product picture: a shape on white, different for each seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(image)
    x0, y0 = rng.integers(side // 10, side // 3, 2)
    x1, y1 = rng.integers(side * 6 // 10, side * 9 // 10, 2)
    draw.rectangle((int(x0), int(y0), int(x1), int(y1)), fill=tuple(int(c) for c in rng.integers(0, 120, 3)))
    for _ in range(4):
        a, b = rng.integers(x0, x1), rng.integers(y0, y1)
        radius = int(rng.integers(side // 20, side // 6))
        fill = tuple(int(c) for c in rng.integers(0, 255, 3))
        draw.ellipse((int(a) - radius, int(b) - radius, int(a) + radius, int(b) + radius), fill=fill)
    file = io.BytesIO()
    image.save(file, format, **save)
    return file.getvalue()


@cache
def _prepared(data: bytes) -> PreparedPhoto:
    """Cached, since hundreds of tests use the same few pictures."""
    return photo_prepare(data, ImageLimits())


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password("correct horse battery")


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"category-{n}")
    name_en = factory.LazyAttribute(lambda category: category.slug.capitalize())


class PhotoFactory(DjangoModelFactory[Photo]):
    """A photo with real files, prepared as the importer does."""

    class Meta:
        model = Photo

    position = 0
    seed = factory.Sequence(lambda n: n)  # of the picture, unless `data` contains one
    data: Any = None

    @classmethod
    def _create(cls, model_class: type[Photo], *args: Any, **kwargs: Any) -> Photo:
        seed = kwargs.pop("seed")
        ready = _prepared(kwargs.pop("data") or picture(seed))
        x0, y0, x1, y1 = ready.box
        photo = Photo(
            width=ready.width,
            height=ready.height,
            box_x0=x0,
            box_y0=y0,
            box_x1=x1,
            box_y1=y1,
            sha256=ready.sha256,
            dhash=ready.dhash,
            **kwargs,
        )
        stem = f"{photo.product.sku}-{ready.sha256[:12]}"
        photo.file.save(f"photos/{stem}.webp", ContentFile(ready.photo), save=False)
        photo.thumb.save(f"thumbs/{stem}.webp", ContentFile(ready.thumb), save=False)
        photo.edges.save(f"edges/{stem}.png", ContentFile(ready.edges), save=False)
        photo.save()
        return photo


class ProductFactory(DjangoModelFactory[Product]):
    """A product on sale with one photo; `photo=None` for none, `photo__seed=` for a specific one."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda n: f"sku-{n}")
    name = factory.Sequence(lambda n: f"Product {n}")
    category = factory.SubFactory(CategoryFactory)
    photo = factory.RelatedFactory(PhotoFactory, factory_related_name="product")
