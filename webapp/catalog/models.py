"""Category, Product, Photo, Attribute: the products of the shop.

Imports of feeds are in `import_models.py`, feeds and pictures by URL in `remote_models.py`, corrections of what products
are recognised as in `word_models.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ml.vocabulary.fit import VERSION, ProductWords
from webapp.catalog.changes import CatalogueQuerySet, CatalogueState
from webapp.catalog.fits import computed_fits, product_words
from webapp.catalog.import_models import CatalogImport, FeedMapping, ImportIssue
from webapp.catalog.remote_models import PictureHost, RemoteFeed, RemotePicture
from webapp.catalog.skus import SKU_PATTERN
from webapp.catalog.word_models import WordCorrection

__all__ = [
    "SKU_PATTERN",
    "Attribute",
    "Availability",
    "CatalogImport",
    "CatalogueState",
    "Category",
    "FeedMapping",
    "ImportIssue",
    "Photo",
    "PictureHost",
    "Product",
    "RemoteFeed",
    "RemotePicture",
    "WordCorrection",
]


class Availability(models.TextChoices):
    """Whether a product can be bought now; the shop may say nothing."""

    IN_STOCK = "in_stock", _("In stock")
    OUT_OF_STOCK = "out_of_stock", _("Out of stock")
    PREORDER = "preorder", _("Pre-order")
    BACKORDER = "backorder", _("On backorder")


class Translated(models.Model):
    """A name in each language of the site; English is used where another is empty."""

    name_en = models.CharField(_("name in English"), max_length=80)
    name_de = models.CharField(_("name in German"), max_length=80, blank=True)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        return (self.name_de if (get_language() or "").startswith("de") else "") or self.name_en

    def __str__(self) -> str:
        return self.name


class Category(Translated):
    """A category of the shop, such as armchairs, perhaps within another, such as furniture.

    Imports write the slugs of a path's categories as `furniture--armchairs`, but `parent` alone makes the tree.
    """

    count: int  # of products on sale, and
    depth: int  # in the tree: where webapp.catalog.tree counts them

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("within"),
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=~Q(slug=""), name="catalog_category_slug_given"),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="catalog_category_not_in_itself"
            ),
        ]

    def clean(self) -> None:
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("A category cannot be within itself.")})
            seen.add(above.pk)
            above = above.parent

    def ancestors(self) -> Iterator[Category]:
        """Yield what the category is within, the nearest first; a query each, unless `tree` has loaded them."""
        above, seen = self.parent, {self.pk}
        while above is not None and above.pk not in seen:
            seen.add(above.pk)
            yield above
            above = above.parent

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        # The name is among the words of its products, and of those below it: a job computes their fits again.
        level = branch = [self.pk]
        while level:
            below = Category.objects.filter(parent__in=level).exclude(pk__in=branch)
            level = list(below.values_list("pk", flat=True))
            branch = [*branch, *level]
        Product.objects.filter(category__in=branch).exclude(fits_version=0).update(fits_version=0)


class Attribute(Translated):
    """What a key of `Product.attributes` means: `width_cm` is the width, in cm."""

    key = models.CharField(
        _("key"), max_length=40, unique=True, validators=[RegexValidator(r"^[a-z][a-z0-9_]*\Z")]
    )
    unit = models.CharField(_("unit"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["key"]
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="catalog_attribute_key_given")]


class ShopManager(models.Manager.from_queryset(CatalogueQuerySet)):  # type: ignore[misc]
    """Products of the shop: all but private ones."""

    def get_queryset(self) -> models.QuerySet[Product]:
        products: models.QuerySet[Product] = super().get_queryset()
        return products.filter(private=False)


class Product(models.Model):
    """A product of the shop, identified in its feed by `sku`.

    A private one is a photo of somebody's study, which the shop never shows: it is never on sale, `objects` leaves it
    out, and its SKU begins with a character that no feed may use.
    """

    sku = models.CharField(_("SKU"), max_length=64, unique=True, validators=[RegexValidator(SKU_PATTERN)])
    name = models.CharField(_("name"), max_length=200)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    description = models.TextField(_("description"), blank=True)
    link = models.URLField(_("page in the shop"), max_length=2000, blank=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=4, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO 4217, such as EUR"))
    availability = models.CharField(
        _("availability"), max_length=16, choices=Availability.choices, blank=True
    )
    brand = models.CharField(_("brand"), max_length=120, blank=True)
    gtin = models.CharField(_("GTIN"), max_length=14, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    active = models.BooleanField(_("on sale"), default=True)
    private = models.BooleanField(_("photo of a study"), default=False, editable=False)
    fingerprint = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the feed row and photo it was imported from",
    )
    fits = models.JSONField(
        default=dict,
        editable=False,
        help_text="names of sketches that the product's words answer, with weights",
    )
    fits_version = models.PositiveSmallIntegerField(
        default=0, db_index=True, editable=False, help_text="version of the vocabulary; 0: to be computed"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects: ClassVar[models.Manager[Product]] = ShopManager()
    everything: ClassVar[models.Manager[Product]] = CatalogueQuerySet["Product"].as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_product_sku_given"),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_product_name_given"),
            models.CheckConstraint(
                condition=Q(link="") | Q(link__startswith="https://") | Q(link__startswith="http://"),
                name="catalog_product_link_is_http",
            ),
            models.CheckConstraint(
                condition=Q(price=None, currency="") | (Q(price__gte=0) & ~Q(currency="")),
                name="catalog_product_price_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(availability__in=["", *Availability.values]),
                name="catalog_product_availability_known",
            ),
            models.CheckConstraint(
                condition=Q(private=False) | Q(active=False), name="catalog_product_private_never_on_sale"
            ),
        ]
        indexes = [
            models.Index(fields=["category", "id"], condition=Q(active=True), name="catalog_product_shelf")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is None:
            self.compute_fits()
        super().save(*args, **kwargs)

    def compute_fits(self) -> None:
        """Set `fits` from the product's words; writes that bypass `save` call it."""
        self.fits, self.fits_version = computed_fits(self.words), VERSION

    @property
    def words(self) -> ProductWords:
        """What the shop says of the product."""
        return product_words(
            name=self.name,
            category_en=self.category.name_en,
            category_de=self.category.name_de,
            attributes=self.attributes,
            within=[(above.name_en, above.name_de) for above in self.category.ancestors()],
        )

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.pk, slugify(self.name) or "product"])

    @property
    def url(self) -> str:
        return self.get_absolute_url()

    @property
    def main_photo(self) -> Photo | None:
        """The first photo that there is; no query after `prefetch_related("photos")`."""
        return next(iter(self.photos.all()), None)

    @property
    def photo_url(self) -> str:
        return self.main_photo.file.url if self.main_photo else ""

    @property
    def photo_box(self) -> list[float]:
        """The product's box in its photo: x0, y0, x1, y1 as fractions, rounded for JSON."""
        return self.main_photo.rounded_box if self.main_photo else [0.0, 0.0, 1.0, 1.0]

    @property
    def thumb_url(self) -> str:
        return self.main_photo.thumb.url if self.main_photo else ""

    @property
    def edges_url(self) -> str:
        return self.main_photo.edges.url if self.main_photo else ""


class Photo(models.Model):
    """A picture of a product, its thumbnail, its edges as transparent ink, and the product's box in it.

    File names contain a hash of the content: the file behind a name never changes.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="photos", verbose_name=_("product"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    url = models.CharField("URL", max_length=2000, blank=True, help_text="where it was fetched from")
    file = models.FileField(_("photo"), max_length=200)
    thumb = models.FileField(_("thumbnail"), max_length=200)
    edges = models.FileField(_("edges"), max_length=200)
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    box_x0 = models.FloatField()  # the product's box as fractions of the photo, from its upper left corner
    box_y0 = models.FloatField()
    box_x1 = models.FloatField()
    box_y1 = models.FloatField()
    sha256 = models.CharField(_("SHA-256 of the original image"), max_length=64, db_index=True)
    dhash = models.BigIntegerField(_("difference hash, 64 bit"), db_index=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CatalogueQuerySet["Photo"].as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["product_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="catalog_photo_position_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="catalog_photo_has_pixels"),
            models.CheckConstraint(
                condition=Q(box_x0__gte=0, box_y0__gte=0, box_x1__lte=1, box_y1__lte=1)
                & Q(box_x0__lt=F("box_x1"), box_y0__lt=F("box_y1")),
                name="catalog_photo_box_inside",
            ),
        ]

    def __str__(self) -> str:
        return self.file.name or ""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) of the product in fractions of the photo."""
        return self.box_x0, self.box_y0, self.box_x1, self.box_y1

    @property
    def rounded_box(self) -> list[float]:
        """The box, rounded for JSON."""
        return [round(side, 4) for side in self.box]

    @property
    def photo_url(self) -> str:
        return self.file.url

    @property
    def thumb_url(self) -> str:
        return self.thumb.url

    @property
    def edges_url(self) -> str:
        return self.edges.url if self.edges else ""
