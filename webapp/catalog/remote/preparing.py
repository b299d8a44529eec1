"""From a server's bytes to a photo. Only the sandbox decodes them: nobody has looked at them before."""

from __future__ import annotations

import os
from queue import LifoQueue
from types import TracebackType

from ml.images.decode import ImageLimits
from ml.images.sandbox import ImageSandbox
from webapp.catalog.importer.photos import PreparedPhoto, photo_prepare

_MOST = 4
_WALL_S = 60.0  # nobody waits for an answer, and other work may keep the processor busy


class Preparing:
    """Prepares pictures in a few sandboxes, which are started when they are needed and ended with the `with` block."""

    def __init__(self, limits: ImageLimits) -> None:
        self._limits = limits
        self._all = [ImageSandbox(wall_s=_WALL_S, niceness=0) for _ in range(min(_MOST, os.cpu_count() or 1))]
        self._free: LifoQueue[ImageSandbox] = LifoQueue()  # a further one starts only if all are busy
        for sandbox in self._all:
            self._free.put(sandbox)

    def __enter__(self) -> Preparing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sandbox in self._all:
            sandbox.close()

    def prepared(self, data: bytes) -> PreparedPhoto:
        """Return the photo; several threads may do so at once. Raises ImageError naming `photo`."""
        sandbox = self._free.get()
        try:
            rgb = sandbox.decoded(data, self._limits, field="photo")
            return photo_prepare(data, self._limits, rgb=rgb)
        finally:
            self._free.put(sandbox)
