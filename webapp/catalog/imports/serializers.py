"""Imports of feeds, the meaning of their columns, and their findings."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.catalog.import_models import CatalogImport, ImportIssue
from webapp.catalog.remote.waiting import PicturesPayload, pictures_progress, rows_eta
from webapp.http.api.strict import StrictSerializer


class ImportUploadSerializer(StrictSerializer):
    feed = serializers.FileField(help_text="CSV, TSV, JSON, JSONL or XML, in a layout that is recognised")
    images = serializers.FileField(
        required=False, help_text="zip of the pictures that the feed names as files"
    )
    images_folder = serializers.CharField(
        required=False,
        default="",
        max_length=200,
        help_text="instead of a zip: folder below `pictures/` in the site's private store",
    )
    dry_run = serializers.BooleanField(required=False, default=False, help_text="check and write nothing")
    complete = serializers.BooleanField(
        required=False, default=False, help_text="take products that the feed lacks off sale"
    )
    confirmed = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=2**31 - 1,
        help_text="with `complete`: products that may be taken off sale even if they are more than a fifth",
    )
    hold = serializers.BooleanField(
        required=False, default=False, help_text="only upload: to confirm the columns, then start"
    )


class ImportStartSerializer(StrictSerializer):
    dry_run = serializers.BooleanField(required=False, default=False, help_text="check and write nothing")
    complete = serializers.BooleanField(
        required=False, default=False, help_text="take products that the feed lacks off sale"
    )
    confirmed = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1
    )


class MappingInputSerializer(StrictSerializer):
    """Columns that are not named stay as the layout has them."""

    layout = serializers.CharField(required=False, allow_blank=True, max_length=40)
    columns = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=240),
        help_text="the field of each column: a field's name, attr.NAME, or empty to leave it out",
    )
    constants = serializers.DictField(
        child=serializers.CharField(max_length=2000),
        required=False,
        help_text="fields of rows that leave them empty; may insert columns: https://shop.example/{Handle}",
    )
    encoding = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="of the feed; empty or absent: as detected"
    )


class MappedColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    target = serializers.CharField(help_text="a field, attr.NAME, or empty if it is not imported")
    examples = serializers.ListField(child=serializers.CharField())


class FeedMappingSerializer(serializers.Serializer[Any]):
    layout = serializers.CharField()
    title = serializers.CharField()
    help = serializers.CharField()
    kept = serializers.BooleanField(help_text="confirmed for an earlier feed with this header")
    columns = MappedColumnSerializer(many=True)
    constants = serializers.DictField(child=serializers.CharField())
    encoding = serializers.CharField(help_text="in which the feed is read; empty for XML, which says its own")
    encoding_given = serializers.CharField(help_text="the one that was set, or empty if it is detected")
    encodings = serializers.ListField(child=serializers.CharField(), help_text="that can be set")
    problem = serializers.CharField(
        help_text="what the mapping lacks before the feed can be imported, or empty"
    )
    targets = serializers.ListField(child=serializers.CharField(), help_text="fields that a column can be")


class ImportIssueSerializer(serializers.ModelSerializer[ImportIssue]):
    why = serializers.CharField(source="text", read_only=True)

    class Meta:
        model = ImportIssue
        fields = ["row", "sku", "field", "why", "refused"]


class PicturesSerializer(serializers.Serializer[Any]):
    """Pictures by URL, which are fetched once their rows are stored."""

    waiting = serializers.IntegerField()
    fetched = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    failed = serializers.IntegerField()
    eta_s = serializers.FloatField(allow_null=True, help_text="seconds left at the rate so far")


class ImportSerializer(serializers.ModelSerializer[CatalogImport]):
    error = serializers.CharField(source="error_text", read_only=True)
    eta_s = serializers.SerializerMethodField(help_text="seconds until the feed is read; null if unknown")
    pictures = serializers.SerializerMethodField()
    can_start = serializers.SerializerMethodField(
        help_text="its files are there, and it neither runs nor is done"
    )
    remote_feed = serializers.CharField(
        source="remote_feed.name",
        read_only=True,
        default="",
        help_text="the feed by address; empty: an upload",
    )

    class Meta:
        model = CatalogImport
        fields = [
            "id",
            "feed_name",
            "remote_feed",
            "dry_run",
            "complete",
            "confirmed",
            "status",
            "progress",
            "eta_s",
            "rows",
            "created",
            "updated",
            "unchanged",
            "refused",
            "withdrawn",
            "pictures",
            "can_start",
            "error",
            "created_at",
            "finished_at",
        ]

    def get_eta_s(self, row: CatalogImport) -> float | None:
        return rows_eta(row, now=timezone.now())

    @extend_schema_field(PicturesSerializer)
    def get_pictures(self, row: CatalogImport) -> PicturesPayload:
        return pictures_progress(row, now=timezone.now())

    def get_can_start(self, row: CatalogImport) -> bool:
        return row.can_start


class ImportDetailSerializer(ImportSerializer):
    issues = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "issues"]

    @extend_schema_field(ImportIssueSerializer(many=True))
    def get_issues(self, row: CatalogImport) -> Any:
        """Return the first hundred; the report has all of them."""
        return ImportIssueSerializer(row.issues.all()[:100], many=True).data
