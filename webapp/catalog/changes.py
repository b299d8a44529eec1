"""Notify listeners that the catalogue has changed: once per transaction, after its commit.

Every such change increments `CatalogueState.revision`; processes that cache parts of the catalogue watch it. Writes that
bypass the ORM notify nobody, so listeners also check from time to time.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeVar

from django.db import DatabaseError, models, transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

ModelT = TypeVar("ModelT", bound=models.Model)

catalogue_changed = Signal()


class CatalogueState(models.Model):
    """A single row that counts the changes of the catalogue."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        app_label = "catalog"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="catalog_state_single")]

    def __str__(self) -> str:
        return str(self.revision)


class CatalogueQuerySet(models.QuerySet[ModelT]):
    """Also notes changes in bulk, for which Django sends no signals."""

    def update(self, **values: Any) -> int:
        n = super().update(**values)
        if n:
            change_note(using=self.db)
        return n

    def bulk_create(self, objs: Iterable[ModelT], *args: Any, **kwargs: Any) -> list[ModelT]:
        created = super().bulk_create(objs, *args, **kwargs)
        if created:
            change_note(using=self.db)
        return created


def change_note(*, using: str = "default") -> None:
    """Note that the running transaction changes the catalogue. Several notes in one transaction count once."""
    connection = transaction.get_connection(using)
    if not any(call is _publish for _, call, _ in connection.run_on_commit):
        transaction.on_commit(_publish, using=using, robust=True)


def revision() -> int:
    """Return the number of changes so far."""
    return CatalogueState.objects.filter(pk=1).values_list("revision", flat=True).first() or 0


def watch(model: type[models.Model]) -> None:
    """Note each saved or deleted row of `model`."""
    post_save.connect(_row_changed, sender=model, dispatch_uid=f"saved {model}")
    post_delete.connect(_row_changed, sender=model, dispatch_uid=f"deleted {model}")


def _row_changed(using: str, **_: object) -> None:
    change_note(using=using)


def _publish() -> None:
    # If the database is unavailable, the change is stored all the same, and the listeners' own checks find it.
    with suppress(DatabaseError):
        CatalogueState.objects.get_or_create(pk=1)
        CatalogueState.objects.filter(pk=1).update(revision=F("revision") + 1)
    catalogue_changed.send_robust(sender=CatalogueState)
