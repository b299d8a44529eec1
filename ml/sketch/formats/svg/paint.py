"""What SVG's attributes and styles say about the visibility of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

Paint = dict[str, str]

INITIAL: Paint = {"fill": "black", "stroke": "none", "visibility": "visible"}
_NONE = {"none", "transparent"}
_WHITE = {"white", "#fff", "#ffffff", "rgb(255,255,255)"}
_INHERITED = ("fill", "stroke", "visibility", "stroke-width", "stroke-opacity", "fill-opacity")
_OWN = ("display", "opacity")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SELECTOR = re.compile(r"[.#]?[\w-]+")


def style_rules(styles: Iterable[str]) -> dict[str, Paint]:
    """Return the declarations of CSS by selector: an element's name, `.class` or `#id`. Other selectors are ignored."""
    rules: dict[str, Paint] = {}
    for style in styles:
        for block in _COMMENT.sub("", style).split("}"):
            head, _, body = block.rpartition("{")
            for selector in (part.strip() for part in head.rpartition("{")[2].split(",")):
                if _SELECTOR.fullmatch(selector):
                    rules.setdefault(selector, {}).update(_declarations(body))
    return rules


def painted(element: Element, inherited: Paint, rules: dict[str, Paint]) -> Paint:
    """Return the properties of an element: its own by attribute, rule and `style`, or else the inherited ones."""
    own = {name: element.attrib[name] for name in (*_INHERITED, *_OWN) if name in element.attrib}
    classes = [f".{name}" for name in element.get("class", "").split()]
    for selector in (element.tag, *classes, f"#{element.get('id', '')}"):
        own.update(rules.get(selector, {}))
    own.update(_declarations(element.get("style", "")))
    tidy = {name: value.strip().lower().replace(" ", "") for name, value in own.items()}
    return {
        **{name: value for name, value in inherited.items() if name in _INHERITED},
        **{name: value for name, value in tidy.items() if value != "inherit"},
    }


def is_hidden(paint: Paint) -> bool:
    """Return whether an element and all within it are not drawn."""
    return paint.get("display") == "none" or _is_zero(paint.get("opacity", "1"))


def colour_of(paint: Paint, part: str) -> str | None:
    """Return the colour of `fill` or `stroke`, white always as `white`; None if it is not drawn."""
    colour = paint[part]
    unseen = colour in _NONE or paint["visibility"] in ("hidden", "collapse")
    if unseen or _is_zero(paint.get(f"{part}-opacity", "1")):
        return None
    if part == "stroke" and _is_zero(paint.get("stroke-width", "1")):
        return None
    return "white" if colour in _WHITE else colour


def _declarations(text: str) -> Paint:
    pairs = (item.split(":", 1) for item in text.split(";") if ":" in item)
    return {name.strip().lower(): value.replace("!important", "") for name, value in pairs}


def _is_zero(text: str) -> bool:
    return bool(re.fullmatch(r"0*\.?0*(px|%)?", text))
