"""The catalogue in the admin, with thumbnails. An uploaded feed is imported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ml.errors import SketchfindError
from webapp.catalog.import_models import CatalogImport, ImportIssue
from webapp.catalog.importer.feeds.opening import feed_kind
from webapp.catalog.jobs import catalog_import_wake, fits_refresh_wake
from webapp.catalog.models import Attribute, Category, Photo, Product, RemotePicture
from webapp.catalog.remote.waiting import pictures_progress, rows_eta
from webapp.catalog.services import catalog_import_requeue


def _minutes(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def _thumbnail(photo: Photo | None) -> str:
    if photo is None:
        return "-"
    return format_html('<img src="{}" width="64" height="64" alt="" loading="lazy">', photo.thumb.url)


class PhotoInline(admin.TabularInline[Photo, Product]):
    model = Photo
    extra = 0
    can_delete = False
    fields = readonly_fields = ("thumbnail", "file", "width", "height", "position")

    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return False  # the importer adds photos, because it prepares them

    @admin.display(description="")
    def thumbnail(self, photo: Photo) -> str:
        return _thumbnail(photo)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin[Product]):
    list_display = ("thumbnail", "name", "sku", "category", "active", "updated_at")
    list_display_links = ("thumbnail", "name")
    list_filter = ("active", "category")
    list_select_related = ("category",)
    list_per_page = 50
    search_fields = ("name", "sku")
    autocomplete_fields = ("category",)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    inlines = (PhotoInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("photos")

    def save_model(self, request: HttpRequest, obj: Product, form: ModelForm[Product], change: bool) -> None:
        obj.fingerprint = ""  # the next import restores the feed's values
        super().save_model(request, obj, form, change)

    @admin.display(description="")
    def thumbnail(self, product: Product) -> str:
        return _thumbnail(product.main_photo)


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    list_display = ("slug", "name_en", "name_de", "parent", "n_products")
    list_select_related = ("parent",)
    autocomplete_fields = ("parent",)
    search_fields = ("slug", "name_en", "name_de")

    def save_model(
        self, request: HttpRequest, obj: Category, form: ModelForm[Category], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        fits_refresh_wake()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(n_products=Count("products"))

    @admin.display(description=_("products"), ordering="n_products")
    def n_products(self, category: Any) -> int:
        return int(category.n_products)


@admin.register(Attribute)
class AttributeAdmin(admin.ModelAdmin[Attribute]):
    list_display = ("key", "name_en", "name_de", "unit")


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin[Photo]):
    list_display = ("thumbnail", "product", "width", "height", "created_at")
    list_select_related = ("product",)
    list_per_page = 50
    search_fields = ("product__name", "product__sku", "sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        return super().get_queryset(request).filter(product__private=False)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        return False

    @admin.display(description="")
    def thumbnail(self, photo: Photo) -> str:
        return _thumbnail(photo)


@admin.register(RemotePicture)
class RemotePictureAdmin(admin.ModelAdmin[RemotePicture]):
    """Pictures by URL, with what went wrong the last time."""

    list_display = ("product", "position", "url", "status", "attempts", "error", "due_at", "fetched_at")
    list_filter = ("status", "host")
    list_select_related = ("product",)
    list_per_page = 50
    search_fields = ("product__sku", "url")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RemotePicture | None = None) -> bool:
        return False


class ImportForm(ModelForm[CatalogImport]):
    class Meta:
        model = CatalogImport
        fields = ("feed", "images", "images_folder", "dry_run", "complete", "confirmed")
        help_texts = {
            "feed": _(
                "CSV, JSON, JSONL or XML in the layout of Shopify, WooCommerce, Google Merchant or your own"
            ),
            "images": _("ZIP archive of the images that the feed names as files"),
        }

    def clean_feed(self) -> UploadedFile[bytes]:
        feed: UploadedFile[bytes] = self.cleaned_data["feed"]
        try:
            feed_kind(feed.name or "")
        except SketchfindError as error:
            raise ValidationError(error.message) from error
        return feed


class IssueInline(admin.TabularInline[ImportIssue, CatalogImport]):
    model = ImportIssue
    extra = 0
    can_delete = False
    max_num = 0
    fields = readonly_fields = ("row", "sku", "refused", "field", "text")
    verbose_name_plural = _("first findings")

    @admin.display(description=_("reason"))
    def text(self, issue: ImportIssue) -> str:
        return issue.text

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportIssue]:
        issues = super().get_queryset(request)
        import_id = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        first = ImportIssue.objects.filter(catalog_import_id=import_id)[:100].values_list("pk", flat=True)
        return issues.filter(pk__in=list(first)) if import_id else issues.none()


@admin.register(CatalogImport)
class CatalogImportAdmin(admin.ModelAdmin[CatalogImport]):
    """Adding an import uploads a feed and starts it; an import's page shows its progress."""

    list_display = (
        "feed_name",
        "status",
        "percent",
        "created",
        "updated",
        "unchanged",
        "refused",
        "created_at",
    )
    list_filter = ("status",)
    actions = ("run_again",)
    inlines = (IssueInline,)

    def get_form(
        self, request: HttpRequest, obj: CatalogImport | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else ImportForm

    def get_fields(self, request: HttpRequest, obj: CatalogImport | None = None) -> Any:
        if obj is None:
            return ("feed", "images", "images_folder", "dry_run", "complete", "confirmed")
        counts = ("rows", "created", "updated", "unchanged", "refused", "withdrawn")
        return (
            "feed_name",
            "dry_run",
            "status",
            "percent",
            *counts,
            "pictures",
            "error_text",
            "report",
            "created_at",
            "finished_at",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: CatalogImport | None = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: CatalogImport | None) -> Any:
        return self.inlines if obj else ()

    def save_model(
        self, request: HttpRequest, obj: CatalogImport, form: ModelForm[CatalogImport], change: bool
    ) -> None:
        if change:
            return
        obj.created_by_id = request.user.pk
        obj.feed_name = (form.cleaned_data["feed"].name or "feed")[:200]
        super().save_model(request, obj, form, change)
        catalog_import_wake(obj)

    @admin.display(description=_("progress"))
    def percent(self, row: CatalogImport) -> str:
        left = rows_eta(row, now=timezone.now())
        return f"{row.progress:.0%}" + (_(", %s left") % _minutes(left) if left is not None else "")

    @admin.display(description=_("pictures by URL"))
    def pictures(self, row: CatalogImport) -> str:
        found = pictures_progress(row, now=timezone.now())
        text = (
            _("%(fetched)d fetched, %(unchanged)d unchanged, %(failed)d failed, %(waiting)d waiting") % found
        )
        return text + (_(", %s left") % _minutes(found["eta_s"]) if found["eta_s"] is not None else "")

    @admin.display(description=_("error"))
    def error_text(self, row: CatalogImport) -> str:
        return row.error_text

    @admin.display(description=_("report"))
    def report(self, row: CatalogImport) -> str:
        return format_html('<a href="{}">CSV</a>', reverse("api-import-report", args=[row.pk]))

    @admin.action(description=_("Rerun failed imports"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[CatalogImport]) -> None:
        again = [row for row in queryset if catalog_import_requeue(import_id=row.pk)]
        for row in again:
            catalog_import_wake(row)
        messages.info(
            request,
            ngettext("%(n)d import restarted.", "%(n)d imports restarted.", len(again)) % {"n": len(again)},
        )
