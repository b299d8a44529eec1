"""Decisions about pay, the panel's submissions, and a keyed hash of each participant for later studies."""

from decimal import Decimal
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils.crypto import salted_hmac

_BATCH = 500


def hash_participants(apps: Any, schema_editor: Any) -> None:
    enrolment = apps.get_model("annotation", "Enrolment")
    rows = list(enrolment.objects.exclude(participant=None).only("pk", "participant"))
    for row in rows:
        row.participant_hash = salted_hmac(
            "annotation.participant", row.participant, algorithm="sha256"
        ).hexdigest()
    enrolment.objects.bulk_update(rows, ["participant_hash"], batch_size=_BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0012_attribute_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="participant_hash",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(hash_participants, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("approve", "Approved"),
                            ("bonus", "Paid by bonus only"),
                            ("reject", "Rejected"),
                        ],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
                ("pay", models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=9, verbose_name="pay")),
                ("bonus", models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=9, verbose_name="bonus")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="decided")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "enrolment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision",
                        to="annotation.enrolment",
                        verbose_name="enrolment",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about pay",
                "verbose_name_plural": "decisions about pay",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(verdict__in=["approve", "bonus"], pay__gte=0, bonus__gte=0)
                        | Q(verdict="reject", pay=0, bonus=0) & ~Q(reason=""),
                        name="annotation_decision_consistent",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(max_length=40, verbose_name="status at the panel")),
                ("code", models.CharField(blank=True, max_length=120, verbose_name="code entered at the panel")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="uploaded")),
                (
                    "enrolment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submission",
                        to="annotation.enrolment",
                        verbose_name="enrolment",
                    ),
                ),
            ],
            options={
                "verbose_name": "submission at the panel",
                "verbose_name_plural": "submissions at the panel",
            },
        ),
    ]
