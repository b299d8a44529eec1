"""The pictures of a feed in the site's own store: a folder of its disk, or a prefix of its bucket."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import Storage

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import FeedError, RowError
from webapp.catalog.importer.sources import safe_path

ROOT = "pictures"  # in the private store, whose other folders hold models and uploads


class StoredPictures:
    """Pictures below `pictures/FOLDER` of a storage. Raises FeedError if the folder leads out of it."""

    def __init__(self, storage: Storage, folder: str, max_bytes: int) -> None:
        self._storage, self._max_bytes = storage, max_bytes
        try:
            self._root = PurePosixPath(ROOT) / (safe_path(folder) if folder.strip("/. ") else "")
        except RowError as error:
            raise FeedError("images_folder", error.template, **error.values) from error

    def read(self, name: str) -> bytes:
        """Return a picture. Raises RowError if it is missing or too large."""
        path = str(self._root / safe_path(name))
        try:
            with self._storage.open(path) as file:
                data: bytes = file.read(self._max_bytes + 1)
        except (OSError, SuspiciousOperation) as error:
            raise RowError("photo", gettext_noop("{name!r} is not among the pictures"), name=name) from error
        if len(data) > self._max_bytes:
            raise RowError("photo", gettext_noop("more than {max} bytes"), max=self._max_bytes)
        return data
