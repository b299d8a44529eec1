"""The markers of a JPEG, read before Pillow opens it: how many scans it has, and whether it carries other pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd8\xff])")  # the next one that has a segment, or the end
_END, _SCAN, _APP2 = 0xD9, 0xDA, 0xE2
_MORE_PICTURES = b"MPF\0"


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG's first picture and how many scans it has."""

    data: bytes
    n_scans: int


def jpeg_read(data: bytes) -> Jpeg:
    """Counts scans and leaves out the directory of further pictures, such as the gain maps that phones append.

    With that directory, Pillow takes the file for an MPO, which it can't decode at reduced size. What is damaged
    is left for the decoder to refuse.
    """
    kept: list[bytes] = []
    kept_to, place, n_scans = 0, 2, 0
    while marker := _MARKER.search(data, place):
        code, place = marker[1][0], marker.end()
        if code == _END:
            break
        n_scans += code == _SCAN
        end = max(place, place + int.from_bytes(data[place : place + 2], "big"))
        if code == _APP2 and data.startswith(_MORE_PICTURES, place + 2):
            kept.append(data[kept_to : marker.start()])
            kept_to = end
        place = end
    return Jpeg(b"".join([*kept, data[kept_to:]]) if kept else data, n_scans)
