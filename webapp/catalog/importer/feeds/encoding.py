"""Bytes of a feed as text, in the encoding that they have."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterator
from typing import IO

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.legacy import ENCODINGS, legacy_encoding
from webapp.catalog.importer.feeds.records import MAX_RECORD, Encoding
from webapp.catalog.importer.findings import FeedError, RowError

_CHUNK = 1 << 14  # also the grain of the progress shown
_SAMPLE = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_TOO_LONG = gettext_noop("a line longer than {max} characters")
_NOT_UTF8 = gettext_noop("not UTF-8: byte {byte}; save the file as UTF-8")
_NOT_IN = gettext_noop("not {codec}: save the file as UTF-8")


class LineError(RowError):
    """A line that cannot be read."""


def given_encoding(name: object) -> Encoding:
    """Return an encoding that an operator has set. Raises FeedError if it is none of `ENCODINGS`."""
    if name not in ENCODINGS:
        raise FeedError(
            "encoding",
            gettext_noop("{name!r} is none of {names}"),
            name=str(name)[:40],
            names=", ".join(ENCODINGS),
        )
    return Encoding(str(name))


def detect_encoding(stream: IO[bytes], at_most: int | None = None) -> Encoding:
    """Return the encoding of a stream, which is read through once, or up to `at_most` bytes, and rewound.

    A byte order mark decides. Otherwise UTF-8, unless most lines beyond ASCII are not: then what `legacy_encoding` finds
    in those lines.
    """
    head = stream.read(_CHUNK)
    stream.seek(0)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Encoding(codec)
    if b"\0" in head[:200]:
        return Encoding("utf-16-le" if head[1:2] == b"\0" else "utf-16-be")
    n_valid, n_invalid, sample = 0, 0, bytearray()
    for line in _byte_lines(stream, at_most or sys.maxsize):
        if line.isascii():
            continue
        try:
            line.decode()
            n_valid += 1
        except UnicodeDecodeError:
            n_invalid += 1
            if len(sample) < _SAMPLE:
                sample += line + b"\n"
    stream.seek(0)
    return Encoding("utf-8") if n_invalid <= n_valid else Encoding(*legacy_encoding(bytes(sample)))


def _byte_lines(stream: IO[bytes], at_most: int) -> Iterator[bytes]:
    """Yield lines ended by LF or CR; a very long one in pieces, cut between characters of UTF-8."""
    rest, n_read = b"", 0
    while n_read < at_most and (chunk := stream.read(_CHUNK)):
        n_read += len(chunk)
        *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        yield from lines
        if len(rest) > _CHUNK:
            cut = len(rest)
            while cut > len(rest) - 4 and rest[cut - 1] & 0xC0 == 0x80:
                cut -= 1
            yield rest[: cut - 1]
            rest = rest[cut - 1 :]
    yield rest


class TextLines:
    """The lines of a stream as text, without their ends, each of at most MAX_RECORD characters.

    LF, CR and CR LF end a line. Bytes that the codec does not know are errors of their line.
    """

    def __init__(self, stream: IO[bytes], codec: str) -> None:
        self.stream = stream
        self.codec = codec
        known = codec in {"utf-8", "utf-8-sig"}
        decoder = codecs.getincrementaldecoder(codec)("surrogateescape" if known else "replace")
        self.decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self.lines: list[str] = []  # reversed
        self.rest = ""
        self.ended = False

    def __iter__(self) -> TextLines:
        return self

    def __next__(self) -> str:
        """Return the next line, ended by LF. Raises LineError if it is too long or not in the encoding."""
        while not self.lines and not self.ended and len(self.rest) <= MAX_RECORD:
            self._read()
        if self.lines:
            return self._checked(self.lines.pop())
        if not self.ended:
            self._skip()
            raise LineError("row", _TOO_LONG, max=MAX_RECORD)
        if self.rest:
            line, self.rest = self.rest, ""
            return self._checked(line)
        raise StopIteration

    def read_rest(self) -> Iterator[str]:
        """Yield all that follows in chunks, for formats that do not consist of lines."""
        yield "".join(f"{line}\n" for line in reversed(self.lines)) + self.rest
        self.lines, self.rest = [], ""
        while not self.ended:
            self._read()
            yield "".join(f"{line}\n" for line in reversed(self.lines)) + self.rest
            self.lines, self.rest = [], ""

    def _read(self) -> None:
        chunk = self.stream.read(_CHUNK)
        self.ended = not chunk
        text = self.decoder.decode(chunk, final=self.ended)
        *lines, self.rest = (self.rest + text).split("\n")
        self.lines = lines[::-1]

    def _skip(self) -> None:
        """Skip the rest of a line that is too long."""
        while not self.lines and not self.ended:
            self.rest = ""
            self._read()
        if self.lines:
            self.lines.pop()
        else:
            self.rest = ""

    def _checked(self, line: str) -> str:
        if len(line) > MAX_RECORD:
            raise LineError("row", _TOO_LONG, max=MAX_RECORD)
        if not line.isascii():
            for character in line:
                if "\udc80" <= character <= "\udcff":
                    raise LineError("row", _NOT_UTF8, byte=f"{ord(character) - 0xDC00:#04x}")
                if character == "\ufffd" and self.codec not in {"utf-8", "utf-8-sig"}:
                    raise LineError("row", _NOT_IN, codec=self.codec)
        return f"{line}\n"
