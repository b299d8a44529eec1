"""Read untrusted images in a separate process with limited memory and time.

Decoders hold the interpreter's lock, allocate as much memory as a file declares, and have a history of memory bugs. The
child (`ml.images.sandbox_child`) runs at a lower priority than the process that answers requests; if it crashes, only
its image is lost. Messages are JSON and bytes: neither side unpickles anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import ImageError, SketchError, SketchfindError
from ml.images.decode import TOO_COSTLY, ImageLimits, check_bytes
from ml.images.reading import Question, Seen
from ml.sketch.raster import RasterSpec
from ml.sketch.strokes import parse_sketch

READY = b"+"
_ROOT = Path(__file__).resolve().parent.parent.parent
_ERRORS: dict[str, type[SketchfindError]] = {kind.__name__: kind for kind in (ImageError, SketchError)}
_LENGTH_BYTES = 8
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "LANG")  # the environment of the site holds secrets
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_MEMORY_RETURNED = {"MALLOC_MMAP_THRESHOLD_": "1000000"}  # otherwise glibc keeps the memory of large images


class ImageSandbox:
    """A child process, started by the first image. It reads one image at a time; other threads wait.

    memory_bytes: in addition to the child's own memory; the costliest allowed image takes 220 MB.
    processor_s: processor seconds per image over all cores; the costliest allowed ones take about one second.
    wall_s: seconds until the answer, however busy the processor is.
    niceness: how much the child's priority is below ours.
    """

    def __init__(
        self,
        *,
        memory_bytes: int = 400_000_000,
        processor_s: float = 8.0,
        wall_s: float = 10.0,
        niceness: int = 10,
    ) -> None:
        self._arguments = [str(memory_bytes), str(processor_s), str(niceness)]
        self._wall_s = wall_s
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def seen(self, data: bytes, question: Question) -> Seen:
        """Call `ml.images.reading.image_seen` in the child.

        Raises the same errors, and ImageError if the child runs out of memory or time.
        """
        check_bytes(len(data), question.limits, question.field)
        with self._lock:
            child = self._running()
            assert child.stdin
            assert child.stdout
            watch = threading.Timer(self._wall_s, child.kill)  # interrupts writing and reading below
            watch.daemon = True
            watch.start()
            try:
                send(child.stdin, json.dumps(asdict(question)).encode(), data)
                header, *arrays = receive(child.stdout)
            except (EOFError, OSError) as error:
                self.close()
                raise ImageError(question.field, TOO_COSTLY) from error
            finally:
                watch.cancel()
        return _answer(json.loads(header), arrays)

    def decoded(self, data: bytes, limits: ImageLimits, *, field: str = "image") -> NDArray[np.uint8]:
        """Call `ml.images.decode.decode_image` in the child: uint8 (H, W, 3). Raises ImageError like `seen`."""
        return self.seen(data, Question("whole", (), RasterSpec(), limits, field)).images[0]

    def close(self) -> None:
        """End the child; the next image starts another."""
        if self._child:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child and self._child.poll() is None:
            return self._child
        self.close()
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "ml.images.sandbox_child", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env={**inherited, **_ONE_THREAD, **_MEMORY_RETURNED},
        )
        assert self._child.stdout
        if self._child.stdout.read(1) != READY:
            raise RuntimeError("the process that reads images did not start; see its output")
        return self._child


def send(stream: IO[bytes], *parts: bytes) -> None:
    """Write a message of several parts, each preceded by its length."""
    stream.write(len(parts).to_bytes(_LENGTH_BYTES, "big"))
    for part in parts:
        stream.write(len(part).to_bytes(_LENGTH_BYTES, "big"))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> list[bytes]:
    """Return the parts of the next message. Raises EOFError if the stream ends."""
    return [_exactly(stream, _number(stream)) for _ in range(_number(stream))]


def _number(stream: IO[bytes]) -> int:
    return int.from_bytes(_exactly(stream, _LENGTH_BYTES), "big")


def _exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise EOFError
    return data


def _answer(header: dict[str, Any], arrays: list[bytes]) -> Seen:
    if error := header.get("error"):
        raise _ERRORS[error["kind"]](error["field"], error["template"], **error["values"])
    shapes = header["shapes"]
    images = [
        np.frombuffer(data, np.uint8).reshape(shape) for data, shape in zip(arrays, shapes, strict=True)
    ]
    return Seen(parse_sketch(header["sketch"]) if header["sketch"] else None, images)
