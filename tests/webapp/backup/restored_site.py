"""Run with `python -m` and another site's variables; prints that site's answers as JSON on the last line.

It makes one search, tries to change a vote, and adds a product.
"""

import json
import sys
from typing import Any

import django


def reported(query: str) -> dict[str, Any]:
    from django.db import Error, connection
    from django.test import Client

    from annotation.models import Vote
    from webapp.catalog.models import Category, Product
    from webapp.registry.models import SketchSum

    client = Client(headers={"host": "localhost"})
    results = client.post("/api/v1/search", query, content_type="application/json").json()["results"]
    photo = client.get(results[0]["product"]["photo_url"])
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE annotation_vote SET choice = 'cant_tell' WHERE choice <> 'cant_tell'")
        vote_changed = True
    except Error:
        vote_changed = False
    return {
        "results": results,
        "photo_bytes": len(photo.content) if photo.status_code == 200 else 0,
        "votes": list(Vote.objects.order_by("pk").values_list("pk", "choice", "slot", "counted")),
        "vote_changed": vote_changed,
        "sketch_sums": [
            [row.encoder_sha256, row.n, bytes(row.total).hex()] for row in SketchSum.objects.order_by("pk")
        ],
        "new_id": Product.objects.create(sku="new", name="New", category=Category.objects.all()[0]).pk,
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(reported(sys.argv[1])))
