"""Experts' answers, and the consensus that one decided; the index by which other studies exclude a participant."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("annotation", "0014_settling")]

    operations = [
        # Apart from the migration that fills the column: PostgreSQL does not do both in one transaction.
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(
                condition=~Q(participant_hash=""),
                fields=["participant_hash"],
                name="annotation_enrolment_hash",
            ),
        ),
        migrations.CreateModel(
            name="ExpertAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("a", "Candidate A"), ("b", "Candidate B"), ("tie", "Tie")],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
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
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expert_answers",
                        to="annotation.task",
                        verbose_name="task",
                    ),
                ),
            ],
            options={
                "verbose_name": "expert’s answer",
                "verbose_name_plural": "experts’ answers",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(outcome__in=["", "a", "b", "tie"]), name="annotation_expert_outcome_known"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="consensus",
            name="expert",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotation.expertanswer",
                verbose_name="expert’s answer",
            ),
        ),
    ]
