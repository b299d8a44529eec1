"""Zips of own sketches and photos."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import numpy as np
from django.core.files.base import ContentFile

from annotation.models import MaterialImport, StudySet
from annotation.services.material.imports import material_import_create, material_import_run
from annotation.services.material.sets import study_set_create

LINES = [[[10, 200], [10, 200]], [[10, 200], [200, 10]]]  # of a QuickDraw drawing
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><path d="M10 10L90 90" stroke="#000"/></svg>'


def zipped(manifest: str, files: Mapping[str, bytes], *, name: str = "manifest.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, manifest)
        for file, data in files.items():
            archive.writestr(file, data)
    return packed.getvalue()


def ndjson(*keys: str) -> bytes:
    rows = [{"key_id": key, "word": "chair", "drawing": LINES} for key in keys]
    return "\n".join(map(json.dumps, rows)).encode()


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def imported(data: bytes, what: str = "sketches", *, study_set: StudySet | None = None) -> MaterialImport:
    """Run an import into a set, by default a new one, and return its row."""
    study_set = study_set or study_set_create(name=f"Set {StudySet.objects.count() + 1}", by=None)
    row = material_import_create(study_set=study_set, what=what, file=ContentFile(data, "pack.zip"), by=None)
    material_import_run(import_id=row.pk)
    row.refresh_from_db()
    return row
