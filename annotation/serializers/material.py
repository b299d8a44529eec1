"""Study sets and their imports as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import MaterialImport, Sketch, StudyPhoto, StudySet
from annotation.selectors.work import sketch_url
from webapp.http.api.strict import StrictFields, StrictSerializer
from webapp.input.messages import message_text


class MaterialFindingSerializer(serializers.Serializer[Any]):
    """A refused row; row 0: the file as a whole."""

    row = serializers.IntegerField()
    own_id = serializers.CharField(allow_blank=True)
    file = serializers.CharField(allow_blank=True)
    field = serializers.CharField()
    message = serializers.CharField()


class MaterialImportSerializer(serializers.ModelSerializer[MaterialImport]):
    findings = serializers.SerializerMethodField()

    class Meta:
        model = MaterialImport
        fields = [
            "id",
            "what",
            "file_name",
            "status",
            "n_rows",
            "n_read",
            "n_refused",
            "findings",
            "created_at",
            "finished_at",
        ]

    @extend_schema_field(MaterialFindingSerializer(many=True))
    def get_findings(self, row: MaterialImport) -> list[dict[str, Any]]:
        return [
            {
                **{name: found[name] for name in ("row", "own_id", "file", "field")},
                "message": message_text(found["why"], found["values"]),
            }
            for found in row.findings
        ]


class StudySetSerializer(StrictFields, serializers.ModelSerializer[StudySet]):
    n_sketches = serializers.IntegerField(read_only=True)
    n_photos = serializers.IntegerField(read_only=True)

    class Meta:
        model = StudySet
        fields = ["id", "name", "n_sketches", "n_photos", "created_at"]


class StudySetDetailSerializer(StudySetSerializer):
    imports = serializers.SerializerMethodField()

    class Meta(StudySetSerializer.Meta):
        fields = [*StudySetSerializer.Meta.fields, "imports"]

    @extend_schema_field(MaterialImportSerializer(many=True))
    def get_imports(self, study_set: StudySet) -> Any:
        return MaterialImportSerializer(study_set.imports.all()[:20], many=True).data


class MaterialUploadSerializer(StrictSerializer):
    what = serializers.ChoiceField(MaterialImport.What.choices)
    file = serializers.FileField(
        help_text="a zip with manifest.csv, .json or .jsonl and the files that it names"
    )


class OwnSketchSerializer(serializers.ModelSerializer[Sketch]):
    url = serializers.SerializerMethodField()
    true_match = serializers.SerializerMethodField(help_text="SKU of the shop, or own id of a private photo")

    class Meta:
        model = Sketch
        fields = ["id", "own_id", "name", "url", "true_match"]

    def get_url(self, sketch: Sketch) -> str:
        return sketch_url(sketch)

    def get_true_match(self, sketch: Sketch) -> str:
        product = sketch.product
        if product is None:
            return ""
        return product.study_photo.own_id if product.private else product.sku


class OwnPhotoSerializer(serializers.ModelSerializer[StudyPhoto]):
    name = serializers.CharField(source="product.name")
    url = serializers.CharField(source="product.thumb_url")

    class Meta:
        model = StudyPhoto
        fields = ["id", "own_id", "name", "url"]
