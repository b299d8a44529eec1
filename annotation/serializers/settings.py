"""A campaign's optional `settings`, checked key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import DictField, ValidationError

MAX_BYTES = 100_000
MAX_ATTRIBUTES = 200
MAX_PAY = 100_000
MAX_CAP = 10_000_000
ENDINGS = ("screened_out", "ended_early", "blocked", "refused")
MAX_EXCLUDED = 200
_CURRENCY, _PLACEHOLDER = re.compile("[A-Z]{3}"), re.compile(r"\{[^{}]*\}")

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
                    "kind": {"type": "string", "enum": ["amount", "share", "work"]},
                    "value": {"type": "number", "minimum": 0},
                },
                "required": ["kind", "value"],
            },
            "bonus": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": ["gold", "agreement"]},
                    "amount": {"type": "number", "minimum": 0, "maximum": MAX_PAY},
                    "every": {"type": "integer", "minimum": 1},
                    "above": {"type": "number", "minimum": 0, "maximum": 1},
                    "least": {"type": "integer", "minimum": 1},
                },
                "required": ["kind", "amount"],
            },
            "rules": {"type": "object", "additionalProperties": {"type": "number"}},
            "rules_act": {"type": "boolean"},
            "exclude_campaigns": {
                "type": "array",
                "maxItems": MAX_EXCLUDED,
                "items": {"type": "integer", "minimum": 1},
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
            "attributes_from": {"type": "integer", "minimum": 1},
            "licence": {"type": "string", "maxLength": 200},
            "translations": {"type": "object", "additionalProperties": _TEXTS},
        },
        "additionalProperties": False,
    }
)
class CampaignSettingsField(DictField):
    """The settings as an object; `settings_checked` checks its keys."""


def settings_checked(settings: dict[str, Any], known: Collection[str] = ()) -> dict[str, Any]:
    """Return the settings unchanged. Raises ValidationError naming the invalid key.

    known: further keys, which a stored campaign has and its page sends back.
    """
    if len(json.dumps(settings)) > MAX_BYTES:
        raise ValidationError(f"more than {MAX_BYTES} bytes")
    if unknown := sorted(settings.keys() - _CHECKS.keys() - set(known)):
        raise ValidationError(f"{unknown[0]}: there is no such setting")
    for key, check in _CHECKS.items():
        if key in settings and (wrong := check(settings[key])):
            raise ValidationError(f"{key}: {wrong}")
    if partial := settings.get("partial_pay"):
        reward = settings.get("reward") or 0
        if not reward:
            raise ValidationError("partial_pay: needs a reward")
        if partial["kind"] != "share" and partial["value"] > reward:
            raise ValidationError("partial_pay: value: must not be above the reward, which finishing earns")
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


def _amount(high: float) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        wrong = _number(0, high)(value)
        return wrong or ("" if round(value, 2) == value else "at most two decimals")

    return check


def _text(most: int) -> Callable[[Any], str]:
    return lambda value: "" if isinstance(value, str) and len(value) <= most else f"at most {most} characters"


def _id(value: Any) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return "" if fits else "the id of an attribute table"


def _address(value: Any) -> str:
    fits = isinstance(value, str) and (not value or _is_address(value))
    return "" if fits else "a URL that starts with https:// or http://"


def _return_address(value: Any) -> str:
    if wrong := _address(value):
        return wrong
    unknown = [name for name in _PLACEHOLDER.findall(value) if name != "{code}"]
    return f"{unknown[0]}: the only placeholder is {{code}}" if unknown else ""


def _currency(value: Any) -> str:
    fits = isinstance(value, str) and (not value or _CURRENCY.fullmatch(value))
    return "" if fits else "three capital letters, such as EUR"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(map(str.isspace, text))


def _partial_pay(value: Any) -> str:
    if not isinstance(value, dict) or value.keys() != {"kind", "value"}:
        return '{"kind": "amount", "share" or "work", "value"}'
    if value["kind"] not in {"amount", "share", "work"}:
        return "kind: amount, share or work"
    return _named("value", (_number(0, 1) if value["kind"] == "share" else _amount(MAX_PAY))(value["value"]))


_BONUS: dict[str, dict[str, tuple[float, float, type]]] = {  # by kind: required names, with limits and type
    "gold": {"amount": (0, MAX_PAY, float), "every": (1, 10_000, int)},
    "agreement": {"amount": (0, MAX_PAY, float), "above": (0, 1, float), "least": (1, 100_000, int)},
}


def _bonus(value: Any) -> str:
    if not isinstance(value, dict) or value.get("kind") not in _BONUS:
        return '{"kind": "gold", "amount", "every"} or {"kind": "agreement", "amount", "above", "least"}'
    names = _BONUS[value["kind"]]
    if value.keys() != {"kind", *names}:
        return f"of kind {value['kind']} has {', '.join(names)}"
    for name, (low, high, kind) in names.items():
        if kind is int and not isinstance(value[name], int):
            return f"{name}: a whole number"
        check = _amount(high) if name == "amount" else _number(low, high)
        if wrong := check(value[name]):
            return f"{name}: {wrong}"
    return ""


def _truth(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _rules(value: Any) -> str:
    return "" if isinstance(value, dict) else "an object of limits"  # which `rules_of` checks


def _campaigns(value: Any) -> str:
    fits = isinstance(value, list) and all(type(one) is int and one > 0 for one in value)
    return "" if fits and len(value) <= MAX_EXCLUDED else f"at most {MAX_EXCLUDED} ids of campaigns"


def _endings(value: Any) -> str:
    if not isinstance(value, dict) or not set(value) <= set(ENDINGS):
        return f"an object with some of {', '.join(ENDINGS)}"
    for name, ending in value.items():
        if not isinstance(ending, dict) or not ending.keys() <= {"code", "url"}:
            return f'{name}: {{"code", "url"}}'
        if wrong := _text(64)(ending.get("code", "")):
            return f"{name}.code: {wrong}"
        if wrong := _return_address(ending.get("url", "")):
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
    "currency": _currency,
    "reward": _amount(MAX_PAY),
    "partial_pay": _partial_pay,
    "bonus": _bonus,
    "rules": _rules,
    "rules_act": _truth,
    "exclude_campaigns": _campaigns,
    "spending_cap": _amount(MAX_CAP),
    "completion_url": _return_address,
    "endings": _endings,
    "attributes_from": _id,
    "licence": _text(200),
    "translations": _translations,
}
