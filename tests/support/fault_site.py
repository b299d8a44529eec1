"""`python -m tests.support.fault_site`: a small site for tests of processes, in the stores named by the environment.

Twelve products; two releases of tiny models, the first of them live; an operator's token; an open campaign. It prints
a JSON object with their ids.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import django

N_PRODUCTS = 12
N_TASKS = 300


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from tests.factories import CategoryFactory, ProductFactory, UserFactory
    from tests.support.crowd import make_campaign
    from tests.support.tiny_model import tiny_model
    from webapp.accounts.models import User
    from webapp.accounts.services import api_token_create
    from webapp.catalog.changes import catalogue_changed
    from webapp.registry.releases.building import release_build
    from webapp.registry.releases.services import release_rollback

    if not connection.introspection.table_names():
        call_command("migrate", "--noinput", verbosity=0)
    with_nobody_woken = catalogue_changed.receivers
    catalogue_changed.receivers = []
    category = CategoryFactory(slug="a")
    products = [ProductFactory(sku=f"p{n}", category=category, photo__seed=n).pk for n in range(N_PRODUCTS)]
    folders = [tiny_model(Path(settings.DATA_DIR) / f"model-{seed}", seed=seed) for seed in range(2)]
    releases = [release_build(folder=folder, reason="test")[0].pk for folder in folders]
    release_rollback(reason="test")
    operator = UserFactory(username="operator", role=User.Role.OPERATOR)
    token = api_token_create(user=operator, name="test")[1]
    campaign = make_campaign(N_TASKS, votes_per_task=3)
    catalogue_changed.receivers = with_nobody_woken
    reported = {
        "products": products,
        "releases": releases,
        "token": token,
        "campaign": campaign.pk,
        "models": [str(folder) for folder in folders],
    }
    print(json.dumps(reported))


if __name__ == "__main__":
    main()
