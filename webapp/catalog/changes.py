"""Tells whoever listens that the catalogue changed: once a transaction, after its commit.

`CatalogueState.revision` grows with every such change; processes that keep something of the catalogue in memory
watch it. What is written past the ORM tells nobody, so listeners look for themselves now and then, too.
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
    """How often the catalogue has changed: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        app_label = "catalog"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="catalog_state_single")]

    def __str__(self) -> str:
        return str(self.revision)


class CatalogueQuerySet(models.QuerySet[ModelT]):
    """Rows whose changes in bulk, which send none of Django's signals, are noted too."""

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
    """Notes that the running transaction changes the catalogue; many notes of one transaction are one."""
    connection = transaction.get_connection(using)
    if not any(call is _tell for _, call, _ in connection.run_on_commit):
        transaction.on_commit(_tell, using=using, robust=True)


def revision() -> int:
    """The number of changes so far."""
    return CatalogueState.objects.filter(pk=1).values_list("revision", flat=True).first() or 0


def watch(model: type[models.Model]) -> None:
    """Notes each saved or deleted row of a model."""
    post_save.connect(_row_changed, sender=model, dispatch_uid=f"saved {model}")
    post_delete.connect(_row_changed, sender=model, dispatch_uid=f"deleted {model}")


def _row_changed(using: str, **_: object) -> None:
    change_note(using=using)


def _tell() -> None:
    with suppress(
        DatabaseError
    ):  # gone just now; the change is stored, and whoever looks for himself finds it
        CatalogueState.objects.get_or_create(pk=1)
        CatalogueState.objects.filter(pk=1).update(revision=F("revision") + 1)
    catalogue_changed.send_robust(sender=CatalogueState)
