from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def codes_are_endings(apps: Any, schema_editor: Any) -> None:
    """Whoever has a code has finished. So far, the answers per session were also those required for the code."""
    apps.get_model("annotation", "Enrolment").objects.exclude(ended_at=None).update(ending="finished")
    apps.get_model("annotation", "Campaign").objects.update(required_answers=F("session_cap"))


class Migration(migrations.Migration):
    dependencies = [("annotation", "0006_labels")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="required_answers",
            field=models.PositiveIntegerField(
                default=0,
                help_text="0: all tasks that there are for the worker",
                verbose_name="answers required for the code",
            ),
        ),
        migrations.RenameField("enrolment", "completed_at", "ended_at"),
        migrations.AlterField(
            model_name="enrolment",
            name="ended_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="ended"),
        ),
        migrations.AlterField(
            model_name="enrolment",
            name="completion_code",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="code given"),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("finished", "Finished"),
                    ("screened_out", "Screened out"),
                    ("ended_early", "Ended early"),
                ],
                editable=False,
                max_length=16,
                default="",
                verbose_name="ending",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="enrolment",
            name="pay",
            field=models.DecimalField(
                decimal_places=2, editable=False, max_digits=9, null=True, verbose_name="pay"
            ),
        ),
        migrations.RunPython(codes_are_endings, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.CheckConstraint(
                condition=Q(ending="", ended_at__isnull=True, completion_code="", pay__isnull=True)
                | Q(ending__in=["finished", "screened_out", "ended_early"], ended_at__isnull=False),
                name="annotation_enrolment_ending_known",
            ),
        ),
    ]
