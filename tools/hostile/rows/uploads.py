"""Small files that decode to many pixels or keep a parser busy, six at once."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

from tools.hostile.row import Row, Target

REFUSED_PX, LARGEST_PX, DEEP_PX, JPEG_PX = 4898, 3540, 2820, 7900  # sides; all but the first are accepted
_BOUNDARY = "hostile"


def _picture(mode: str, side: int, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (side, side)).save(buffer, form, **options)
    return buffer.getvalue()


def _png(side: int, colour: int, channels: int, depth: int) -> bytes:
    """Return a blank PNG of a kind that Pillow cannot write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    rows = zlib.compress(bytes(1 + side * channels * depth // 8) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


_FILES: dict[str, Callable[[], bytes]] = {
    "webp-refused": lambda: _picture("RGBA", REFUSED_PX, "WEBP", lossless=True, method=0),
    "webp": lambda: _picture("RGBA", LARGEST_PX, "WEBP", lossless=True, method=0),
    "avif": lambda: _picture("RGBA", LARGEST_PX, "AVIF", speed=10),
    "png": lambda: _png(3990, 6, 4, 8),
    "png-16-bit": lambda: _png(DEEP_PX, 6, 4, 16),
    "png-palette": lambda: _picture("P", 3990, "PNG", transparency=0),
    "gif": lambda: _picture("P", 3990, "GIF", transparency=0),
    "jpeg": lambda: _picture("RGB", JPEG_PX, "JPEG", quality=30),
    "jpeg-progressive": lambda: _picture("CMYK", 4300, "JPEG", quality=30, progressive=True),
    "jpeg-fill-bytes": lambda: b"\xff\xd8" + bytes([0xFF]) * 100_000,
}


@cache
def _body(name: str) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    return head.encode() + _FILES[name]() + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _uploaded(name: str) -> Callable[[Target, int], object]:
    content_type = f"multipart/form-data; boundary={_BOUNDARY}"
    return lambda target, call: target.post("/api/v1/search/image", _body(name), content_type)


ROWS = [Row(f"upload-{name}", 6, _uploaded(name)) for name in _FILES]
