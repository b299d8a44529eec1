"""Rounds of pairs are made by workers of the site; experts' answers close tasks that their votes leave open."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def experts_close(apps, schema_editor):
    """Close open tasks with an expert's answer in force."""
    answers = apps.get_model("annotation", "ExpertAnswer").objects.order_by("id")
    last = dict(answers.values_list("task", "outcome"))
    tasks = apps.get_model("annotation", "Task").objects.filter(status="open")
    for task, outcome in last.items():
        if outcome:
            status = "exhausted" if outcome == "tie" else "decided"
            tasks.filter(pk=task).update(status=status, n_wanted=F("n_counted"))


class Migration(migrations.Migration):
    dependencies = [("annotation", "0018_shown_exposures")]

    operations = [
        migrations.CreateModel(
            name="PairRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("n_made", models.PositiveIntegerField(default=0, verbose_name="pairs added")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="requested"),
                ),
                ("heartbeat_at", models.DateTimeField(null=True, verbose_name="last heartbeat")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pair_rounds",
                        to="annotation.campaign",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "round of pairs",
                "verbose_name_plural": "rounds of pairs",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(status__in=["queued", "running", "done", "failed"]),
                        name="annotation_round_status_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(status__in=["queued", "running"]),
                        fields=("campaign",),
                        name="annotation_round_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.RunPython(experts_close, migrations.RunPython.noop),
    ]
