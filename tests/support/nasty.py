"""Values that break careless code, and requests with them, generated from the API's schema."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

DEEP = "@deep@"  # replaced by 900 nested lists in the text of a body
NUMBERS = [0, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 0.5, 1e308, float("inf")]
TEXTS = [
    "",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff.",
    "\u202e<script>",
    "' OR 1=1 --",
    "x" * 5000,
    "9" * 400,
    "1e999",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-02-30",
    "../../etc/passwd",
    "cD1hYmM=",
]
VALUES: list[Any] = [
    *NUMBERS,
    *TEXTS,
    float("nan"),
    None,
    True,
    [],
    {},
    [[]],
    {"\0": 1},
    {"a": {"b": "\ud800"}},
    DEEP,
    ["\0"],
]
IN_ADDRESSES = [*TEXTS[1:3], "%ED%A0%80", "%", "%00", *map(str, NUMBERS), *TEXTS[5:], "abc", "NaN", "1,2,x"]


def json_text(value: Any) -> bytes:
    """Return the value as a client could write it: infinity as 1e999, a lone surrogate as an escape."""
    text = json.dumps(value).replace("Infinity", "1e999")
    return text.replace(f'"{DEEP}"', "[" * 900 + "]" * 900).encode()


def bodies(schema: dict[str, Any], components: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return what an endpoint expects, with one or more parts, or sometimes everything, replaced by nasty values."""
    return st.one_of(_like(schema, components, 0), _like(schema, components, 0), st.sampled_from(VALUES))


def _like(schema: dict[str, Any], components: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if parts := schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf"):
        return _like(parts[0], components, depth)
    nasty = st.sampled_from(VALUES)
    if schema.get("enum"):
        return st.one_of(st.sampled_from(schema["enum"]), nasty)
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), None) if isinstance(kind, list) else kind
    if kind == "object" and depth < 6:
        known = schema.get("properties", {})
        fields = {name: _mostly(_like(inner, components, depth + 1)) for name, inner in known.items()}
        needed = {name: fields[name] for name in schema.get("required", fields)}
        optional = {name: field for name, field in fields.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=optional | {"beyond": nasty})
    if kind == "array" and depth < 6:
        return st.lists(_like(schema.get("items", {}), components, depth + 1), max_size=3)
    good = {
        "integer": st.integers(1, 3),
        "number": st.floats(0, 1),
        "boolean": st.booleans(),
        "string": st.sampled_from(["a", "chairs", schema.get("example", "word")]),
    }
    return st.one_of(good.get(str(kind), nasty), nasty)


def _mostly(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, values, st.sampled_from(VALUES))
