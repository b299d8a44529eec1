"""The site's own name, texts and look, on every page, also on those of errors, which have no context."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.translation import get_language, gettext

register = template.Library()


@register.simple_tag
def brand_name() -> str:
    return str(settings.CONFIG.brand_name)


@register.simple_tag
def brand_tagline() -> str:
    """Return what the site is for, in the active language."""
    config = settings.CONFIG
    german = (get_language() or "").startswith("de")
    return (german and config.brand_tagline_de) or config.brand_tagline or gettext("draw a product, find it")


@register.simple_tag
def brand_has(part: str) -> bool:
    """Return whether the site has a `logo` or an `accent` of its own."""
    return getattr(settings.CONFIG, f"brand_{part}") is not None


@register.simple_tag
def brand_icon() -> str:
    """Return the address of the icon in the browser's tab."""
    return "/brand/logo" if settings.CONFIG.brand_logo else static("icon.svg")
