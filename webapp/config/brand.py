"""The site's own look: an accent colour that stays readable on its pages, and a logo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

READABLE = 4.5  # contrast of text, WCAG 2.2 AA
# Grounds of the pages and text on the accent, as in frontend/src/shared/styles/tokens.css
_LIGHT, _DARK = ("#f4f0e6", "#fffdf7"), ("#17191e", "#1f2228", "#24100a")
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
MAX_LOGO_BYTES = 200_000


@dataclass(frozen=True)
class Accent:
    """The accent colour on light and on dark pages, as #rrggbb."""

    light: str
    dark: str


def accent(text: str) -> Accent | None:
    """Return the accent in `#rrggbb` or `#light,#dark`; a single colour is lightened for dark pages.

    Raises ValueError if a colour is not readable as text, with one that is.
    """
    if not text:
        return None
    colours = [part.strip().lower() for part in text.split(",")]
    if len(colours) > 2 or not all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours):
        raise ValueError(f"{text!r} is not #rrggbb, or #rrggbb,#rrggbb for light and dark pages")
    light = colours[0]
    dark = colours[1] if len(colours) == 2 else _readable(light, _DARK, towards=255)
    _check(light, _LIGHT, "light", towards=0)
    _check(dark, _DARK, "dark", towards=255)
    return Accent(light, dark)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, by WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def logo_check(path: Path) -> None:
    """Raise ValueError unless `path` is a small picture that browsers show."""
    if path.suffix not in LOGO_TYPES:
        raise ValueError(f"{str(path)!r} is not one of {', '.join(LOGO_TYPES)}")
    if not path.is_file():
        raise ValueError(f"{str(path)!r} does not exist")
    if path.stat().st_size > MAX_LOGO_BYTES:
        raise ValueError(f"{str(path)!r} has {path.stat().st_size} bytes, at most {MAX_LOGO_BYTES}")


def _check(colour: str, grounds: tuple[str, ...], pages: str, *, towards: int) -> None:
    lowest = min(contrast(colour, ground) for ground in grounds)
    if lowest < READABLE:
        better = _readable(colour, grounds, towards=towards)
        raise ValueError(
            f"{colour!r} has a contrast of {lowest:.1f} on {pages} pages, at least {READABLE} is required (WCAG AA); "
            f"{better!r} is the nearest that has"
        )


def _readable(colour: str, grounds: tuple[str, ...], *, towards: int) -> str:
    """Return `colour` mixed with black (0) or white (255) until it is readable on all grounds."""
    for percent in range(101):
        mixed = [round(part + (towards - part) * percent / 100) for part in _parts(colour)]
        found = "#" + "".join(f"{part:02x}" for part in mixed)
        if all(contrast(found, ground) >= READABLE for ground in grounds):
            return found
    raise AssertionError("black or white is readable on every ground")


def _luminance(colour: str) -> float:
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
