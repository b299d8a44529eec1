"""Read uploaded images for a search: outside the search slots, one at a time, in a separate process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from ml.images.decode import ImageLimits, check_bytes
from ml.images.reading import Mode, Question, Seen
from ml.images.sandbox import ImageSandbox
from ml.serving.encoder import Encoder

REDUCED_PX = 1024  # the size at which catalogue photos are stored
_MAX_PER_ADDRESS, _MAX_TOTAL = 2, 4  # uploads in progress; each occupies one of the server's few threads
_WAIT_S = 10.0


class TooManyImagesError(exceptions.APIException):
    status_code = 429
    default_detail = _(
        "Two images from this address are being processed. Send the next one after a response."
    )
    default_code = "too_many_images"
    wait = 1


class ImagesBusyError(exceptions.APIException):
    status_code = 503
    default_detail = _("Too many images at once. Try again in a moment.")
    default_code = "busy"
    wait = 2


_sandbox = ImageSandbox()
_in_progress: Counter[str] = Counter()
_counting = threading.Lock()
_reading = threading.BoundedSemaphore(1)


def image_read(*, image: File[bytes], mode: Mode, encoder: Encoder, address: str) -> Seen:
    """Return what a search needs of an upload, whose bytes are read into memory only when its turn has come.

    Raises ImageError or SketchError naming the field, TooManyImagesError per address, ImagesBusyError in total.
    """
    limits = ImageLimits(max_bytes=settings.IMAGE_MAX_BYTES, reduce_to_px=REDUCED_PX)
    check_bytes(image.size or 0, limits, "image")
    question = Question(mode, tuple(encoder.manifest.gallery_inputs), encoder.raster, limits)
    with _turn(address):
        return _sandbox.seen(image.read(), question)


@contextmanager
def _turn(address: str) -> Iterator[None]:
    with _counting:
        if _in_progress[address] >= _MAX_PER_ADDRESS:
            raise TooManyImagesError
        if _in_progress.total() >= _MAX_TOTAL:
            raise ImagesBusyError
        _in_progress[address] += 1
    try:
        if not _reading.acquire(timeout=_WAIT_S):
            raise ImagesBusyError
        try:
            yield
        finally:
            _reading.release()
    finally:
        with _counting:
            _in_progress[address] -= 1
            if not _in_progress[address]:
                del _in_progress[address]
