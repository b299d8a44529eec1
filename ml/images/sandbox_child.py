"""`python -m ml.images.sandbox_child BYTES SECONDS NICENESS`: read what `ml.images.sandbox` sends until the input ends.

BYTES limits its memory, SECONDS its processor time per image; NICENESS lowers its priority.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2

from ml.errors import ImageError, SketchfindError
from ml.images.decode import TOO_COSTLY, ImageLimits
from ml.images.reading import Question, image_seen
from ml.images.sandbox import READY, receive, send
from ml.sketch.raster import RasterSpec


def main(memory_bytes: int, processor_s: float, niceness: int) -> None:
    """Answer one message after another on stdin and stdout."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    _limit_itself(memory_bytes, niceness)
    answers.write(READY)
    answers.flush()
    with suppress(EOFError, BrokenPipeError):
        while True:
            question, data = receive(requests)
            signal.setitimer(signal.ITIMER_PROF, processor_s)  # the signal ends the process
            answer = _answer(json.loads(question), data)
            signal.setitimer(signal.ITIMER_PROF, 0)
            send(answers, *answer)


def _limit_itself(memory_bytes: int, niceness: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, which closes the input
    os.nice(niceness)
    cv2.setNumThreads(1)
    statm = Path("/proc/self/statm")
    if statm.exists():  # only Linux can limit the total private memory
        data_pages = int(statm.read_text().split()[5])
        most = data_pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _answer(params: dict[str, Any], data: bytes) -> list[bytes]:
    raster, limits = RasterSpec(**params.pop("raster")), ImageLimits(**params.pop("limits"))
    question = Question(**params, raster=raster, limits=limits)
    try:
        seen = image_seen(data, question)
    except MemoryError:
        return _refused(ImageError(question.field, TOO_COSTLY))
    except SketchfindError as error:
        return _refused(error)
    header = {
        "sketch": seen.sketch.to_payload() if seen.sketch else None,
        "shapes": [image.shape for image in seen.images],
    }
    return [json.dumps(header).encode(), *(image.tobytes() for image in seen.images)]


def _refused(error: SketchfindError) -> list[bytes]:
    payload = {
        "kind": type(error).__name__,
        "field": error.field,
        "template": error.template,
        "values": error.values,
    }
    return [json.dumps({"error": payload}).encode()]


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
