"""Names of workers in exports: stable within a campaign, different in another, and not the panel's participant ID."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

_DIGITS = 12


def pseudonym(campaign_id: int, worker_id: int) -> str:
    """Return a worker's name in the exports of a campaign. It stays the same as long as the site's SECRET_KEY does."""
    digest = salted_hmac("annotation.pseudonym", f"{campaign_id}:{worker_id}", algorithm="sha256")
    return f"w{digest.hexdigest()[:_DIGITS]}"
