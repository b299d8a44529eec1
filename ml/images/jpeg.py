"""Read the markers of a JPEG before Pillow opens it: the number of scans, and whether it contains further pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The next marker with a segment, or the end. Fill bytes before it are not matched: `\xff+` takes quadratic time.
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
_END, _SCAN, _APP2 = 0xD9, 0xDA, 0xE2
_MORE_PICTURES = b"MPF\0"
_MOST_SEGMENTS = 10_000  # 20 MB holds 300 full ones, and each of 100 scans may have some tables
_MOST_BETWEEN = 65_536  # bytes outside segments before the first scan, which Pillow reads one by one


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG's first picture and its number of scans."""

    data: bytes
    n_scans: int


def jpeg_read(data: bytes) -> Jpeg:
    """Count scans and remove the directory of further pictures, such as the gain maps that phones append.

    With that directory, Pillow takes the file for an MPO, which it cannot decode at reduced size. Damaged files are left
    for the decoder to reject. Raises ValueError if this loop or Pillow's would take too long.
    """
    kept: list[bytes] = []
    kept_to, place, n_scans, n_segments, between = 0, 2, 0, 0, 0
    while marker := _MARKER.search(data, place):
        between += 0 if n_scans else marker.start() - place
        code, place = marker[1][0], marker.end()
        if code == _END or between > _MOST_BETWEEN:
            break
        n_scans += code == _SCAN
        n_segments += 1
        if n_segments > _MOST_SEGMENTS:
            raise ValueError(f"more than {_MOST_SEGMENTS} segments")
        end = max(place, place + int.from_bytes(data[place : place + 2], "big"))
        if code == _APP2 and data.startswith(_MORE_PICTURES, place + 2):
            kept.append(data[kept_to : marker.start()])
            kept_to = end
        place = end
    if not n_scans and between + len(data) - place > _MOST_BETWEEN:
        raise ValueError(f"more than {_MOST_BETWEEN} bytes without a picture")
    return Jpeg(b"".join([*kept, data[kept_to:]]) if kept else data, n_scans)
