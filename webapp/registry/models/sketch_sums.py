"""What visitors' sketches teach a catalogue: sums, never the sketches."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SketchSum(models.Model):
    """The running sum of the projections of visitors' sketches by one encoder. Index builds read it.

    `n` counts all sketches so far; `total` is worth at most `ml.retrieval.centres.SKETCHES_WEIGHT` of them.
    """

    encoder_sha256 = models.CharField(max_length=64, unique=True)
    n = models.PositiveBigIntegerField(_("sketches"), default=0)
    total = models.BinaryField(_("sum of projections"))  # float64 (D,), little-endian
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("sum of sketches")
        verbose_name_plural = _("sums of sketches")

    def __str__(self) -> str:
        return f"{self.encoder_sha256[:12]}: {self.n}"
