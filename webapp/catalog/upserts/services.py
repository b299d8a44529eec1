"""Create, change and delete products by SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.feeds.targets import FIELDS
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.run import Batch, batch_import
from webapp.catalog.importer.seen import SeenSkus
from webapp.catalog.models import Photo, Product
from webapp.catalog.services import image_limits

Outcome = Literal["created", "updated", "unchanged", "refused", "deleted", "withdrawn", "absent"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a product. `row` counts from 1; `field` and `why` say why it was refused.

    notices: (field, why) of values that were left out.
    """

    row: int
    sku: str
    outcome: Outcome
    field: str = ""
    why: str = ""
    notices: tuple[tuple[str, str], ...] = ()


class _NoFiles:
    """Requests name pictures by their address; a file's name would not be found."""

    def read(self, name: str) -> bytes:
        raise RowError(
            "images",
            gettext_noop("{name!r} is no address; a request names pictures by http(s) addresses"),
            name=name,
        )


def products_upsert(products: Sequence[Mapping[str, Any]], *, dry_run: bool = False) -> list[Result]:
    """Create or change products, those that can be completely or not at all. Return a result for each, in order.

    A product keeps what a request does not give. Doing it again changes nothing.
    """
    rows = [RawRow(number, _fields(product)) for number, product in enumerate(products, start=1)]
    try:
        done = _import(rows, dry_run)
    except IntegrityError:  # another request created one of them at the same time
        done = _import(rows, dry_run)
    return [_result(row, done) for row in rows]


def _import(rows: list[RawRow], dry_run: bool) -> Batch:
    with SeenSkus() as seen:
        return batch_import(rows, seen, _NoFiles(), limits=image_limits(), dry_run=dry_run)


def _fields(product: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as a feed's row has them; a price may be {"amount", "currency"}, as answers give it."""
    fields = dict(product)
    price = fields.get("price")
    if isinstance(price, Mapping):
        fields["price"] = price.get("amount")
        fields.setdefault("currency", price.get("currency"))
    unknown = sorted(set(fields) - set(FIELDS))
    return {"unknown_field": unknown[0], "sku": fields.get("sku")} if unknown else fields


def _result(row: RawRow, done: Batch) -> Result:
    sku = str((row.fields or {}).get("sku") or "")[:64]
    found = [finding for finding in done.findings if finding.row == row.number]
    refusal = next((finding for finding in found if finding.refused), None)
    if refusal:
        return Result(row.number, sku, "refused", refusal.field, refusal.text)
    notices = tuple((finding.field, finding.text) for finding in found)
    outcome: Outcome = (
        "created" if row.number in done.created else "updated" if row.number in done.updated else "unchanged"
    )
    return Result(row.number, sku, outcome, notices=notices)


def products_delete(skus: Sequence[str], *, dry_run: bool = False) -> list[Result]:
    """Delete products with their photos. One that annotation refers to is taken off sale instead.

    Return a result for each, in order: deleted, withdrawn, or absent.
    """
    return [Result(number, sku, _delete(sku, dry_run)) for number, sku in enumerate(skus, start=1)]


def _delete(sku: str, dry_run: bool) -> Outcome:
    product = Product.objects.filter(sku=sku).first()
    if product is None:
        return "absent"
    names = [
        name
        for names in Photo.objects.filter(product=product).values_list("file", "thumb", "edges")
        for name in names
        if name
    ]
    try:
        with transaction.atomic():
            product.delete()
            if dry_run:
                transaction.set_rollback(True)
    except ProtectedError:
        if not dry_run:
            Product.objects.filter(pk=product.pk).update(active=False, fingerprint="")
        return "withdrawn"
    if not dry_run:
        transaction.on_commit(lambda: _files_remove(names), robust=True)
    return "deleted"


def _files_remove(names: list[str]) -> None:
    for name in names:
        if not Photo.objects.filter(file=name).exists():
            default_storage.delete(name)
