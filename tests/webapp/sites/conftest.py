from __future__ import annotations

import pytest

from tests.support.live_release import (  # noqa: F401  fixtures
    _live_release_of_this_test,
    make_release,
    products,
    release,
)
from webapp.sites.models import SiteKey

SHOP = "https://shop.example"


@pytest.fixture
def site_key(db: None) -> SiteKey:
    """The key of a shop's pages, without a secret."""
    return SiteKey.objects.create(name="Shop", origins=[SHOP])


@pytest.fixture
def secret(site_key: SiteKey) -> str:
    """The secret key of the shop's server."""
    secret = site_key.replace_secret_key()
    site_key.save()
    return secret
