"""Study sets: creating and deleting them."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError

from annotation.models import MaterialImport, Sketch, StudyPhoto, StudySet
from annotation.services.audit import audit
from webapp.accounts.models import User
from webapp.catalog.importer.files import files_remove
from webapp.catalog.models import Photo, Product
from webapp.http.problems import ConflictError


@transaction.atomic
def study_set_create(*, name: str, by: User | None) -> StudySet:
    """Create an empty set."""
    study_set = StudySet.objects.create(name=name, created_by=by)
    audit("study_set.create", by=by, study_set=name)
    return study_set


def study_set_delete(*, study_set: StudySet, by: User | None) -> None:
    """Delete a set with its sketches, photos and their files. Raises ConflictError if a campaign uses any of them."""
    products = list(StudyPhoto.objects.filter(study_set=study_set).values_list("product_id", flat=True))
    photos = Photo.objects.filter(product__in=products).values_list("file", "thumb", "edges")
    files = [name for names in photos for name in names]
    sketches = Sketch.objects.filter(study_set=study_set)
    originals = [name for name in sketches.values_list("raster", flat=True) if name]
    uploads = list(MaterialImport.objects.filter(study_set=study_set).exclude(file=""))
    try:
        with transaction.atomic():
            sketches.delete()
            StudyPhoto.objects.filter(study_set=study_set).delete()
            Product.everything.filter(pk__in=products, private=True).delete()
            study_set.delete()
            audit("study_set.delete", by=by, study_set=study_set.name)
    except ProtectedError as error:
        raise ConflictError(
            "A campaign uses sketches or photos of this set; it cannot be deleted."
        ) from error
    files_remove(files)
    for name in originals:
        default_storage.delete(name)
    for row in uploads:
        row.file.delete(save=False)
