"""A campaign's optional `settings`, checked key by key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import DictField, ValidationError

MAX_BYTES = 100_000
MAX_ATTRIBUTES = 200
MAX_PAY = 100_000
MAX_CAP = 10_000_000
ENDINGS = ("screened_out", "ended_early", "blocked")


_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            "ontology": {
                "type": "array",
                "maxItems": MAX_ATTRIBUTES,
                "items": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("slug", "en", "de")},
                    "required": ["slug", "en"],
                },
            },
            "exposure_s": {"type": "number", "minimum": 1, "maximum": 120},
            "cost_per_answer": {"type": "number", "minimum": 0, "maximum": 1000},
            "currency": {"type": "string", "maxLength": 3},
            "reward": {"type": "number", "minimum": 0, "maximum": MAX_PAY},
            "partial_pay": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": ["amount", "share"]},
                    "value": {"type": "number", "minimum": 0},
                },
                "required": ["kind", "value"],
            },
            "spending_cap": {"type": "number", "minimum": 0, "maximum": MAX_CAP},
            "completion_url": {"type": "string"},
            "endings": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": {"code": {"type": "string", "maxLength": 64}, "url": {"type": "string"}},
                },
            },
            "translations": {"type": "object", "additionalProperties": _TEXTS},
        },
        "additionalProperties": {},
    }
)
class CampaignSettingsField(DictField):
    """The settings as an object; `settings_checked` checks its keys."""


def settings_checked(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings unchanged. Raises ValidationError naming the invalid key."""
    if len(json.dumps(settings)) > MAX_BYTES:
        raise ValidationError(f"more than {MAX_BYTES} bytes")
    for key, check in _CHECKS.items():
        if key in settings and (wrong := check(settings[key])):
            raise ValidationError(f"{key}: {wrong}")
    if "spending_cap" in settings and not (settings.get("reward") or settings.get("cost_per_answer")):
        raise ValidationError(
            "spending_cap: needs a reward or a cost_per_answer, by which spending is counted"
        )
    return settings


def _ontology(value: Any) -> str:
    if not isinstance(value, list) or len(value) > MAX_ATTRIBUTES:
        return f"a list of at most {MAX_ATTRIBUTES} attributes"
    for row in value:
        if not isinstance(row, dict) or not all(isinstance(text, str) for text in row.values()):
            return 'attributes are {"slug", "en", "de"}'
        if not row.get("slug") or not row.get("en") or len(row["slug"]) > 80:
            return "slug and en are required, and a slug has at most 80 characters"
    slugs = [row["slug"] for row in value]
    return "slugs must be unique" if len(set(slugs)) < len(slugs) else ""


def _number(low: float, high: float) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        return "" if fits else f"a number from {low:g} to {high:g}"

    return check


def _text(most: int) -> Callable[[Any], str]:
    return lambda value: "" if isinstance(value, str) and len(value) <= most else f"at most {most} characters"


def _address(value: Any) -> str:
    fits = isinstance(value, str) and (not value or urlsplit(value).scheme in {"http", "https"})
    return "" if fits else "a URL that starts with https:// or http://"


def _partial_pay(value: Any) -> str:
    if not isinstance(value, dict) or value.keys() != {"kind", "value"}:
        return '{"kind": "amount" or "share", "value"}'
    if value["kind"] not in {"amount", "share"}:
        return "kind: amount or share"
    return _named("value", _number(0, 1 if value["kind"] == "share" else MAX_PAY)(value["value"]))


def _endings(value: Any) -> str:
    if not isinstance(value, dict) or not set(value) <= set(ENDINGS):
        return f"an object with some of {', '.join(ENDINGS)}"
    for name, ending in value.items():
        if not isinstance(ending, dict) or not ending.keys() <= {"code", "url"}:
            return f'{name}: {{"code", "url"}}'
        if wrong := _text(64)(ending.get("code", "")):
            return f"{name}.code: {wrong}"
        if wrong := _address(ending.get("url", "")):
            return f"{name}.url: {wrong}"
    return ""


def _named(name: str, wrong: str) -> str:
    return f"{name}: {wrong}" if wrong else ""


def _translations(value: Any) -> str:
    texts = (
        [text for one in value.values() if isinstance(one, dict) for text in one.values()]
        if (isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()))
        else [None]
    )
    return "" if all(isinstance(text, str) for text in texts) else '{"de": {"title", "instructions"}}'


_CHECKS: dict[str, Callable[[Any], str]] = {
    "ontology": _ontology,
    "exposure_s": _number(1, 120),
    "cost_per_answer": _number(0, 1000),
    "currency": _text(3),
    "reward": _number(0, MAX_PAY),
    "partial_pay": _partial_pay,
    "spending_cap": _number(0, MAX_CAP),
    "completion_url": _address,
    "endings": _endings,
    "translations": _translations,
}
