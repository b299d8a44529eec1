"""Operators' corrections of what products are recognised as."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WordCorrection(models.Model):
    """The products of a category, or one product, answer a name with this weight, whatever their words say.

    A weight of 0 means that they do not answer it. A product's own correction overrides its category's.
    """

    category = models.ForeignKey(
        "catalog.Category", models.CASCADE, null=True, blank=True, related_name="word_corrections"
    )
    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, null=True, blank=True, related_name="word_corrections"
    )
    name = models.CharField(_("name"), max_length=40)
    weight = models.FloatField(_("weight"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("word correction")
        verbose_name_plural = _("word corrections")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(category__isnull=False, product__isnull=True)
                | Q(category__isnull=True, product__isnull=False),
                name="catalog_correction_of_one",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=1), name="catalog_correction_weight_fraction"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_correction_name_given"),
            models.UniqueConstraint(
                fields=["category", "name"],
                condition=Q(category__isnull=False),
                name="catalog_correction_once_per_category",
            ),
            models.UniqueConstraint(
                fields=["product", "name"],
                condition=Q(product__isnull=False),
                name="catalog_correction_once_per_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or self.product}: {self.name} {self.weight:g}"
