"""Credited answers are counted as they arrive, without late ones; numbers of campaigns have limits."""

from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import migrations, models
from django.db.models import F


def credit(apps, schema_editor):
    """Credit what participants have been told."""
    apps.get_model("annotation", "Enrolment").objects.update(n_credited=F("n_counted") + F("n_gold"))


class Migration(migrations.Migration):
    dependencies = [("annotation", "0019_rounds_as_jobs")]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="n_credited",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="credited answers"),
        ),
        migrations.RunPython(credit, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="campaign",
            name="break_every",
            field=models.PositiveIntegerField(
                default=50,
                help_text="0: no breaks",
                validators=[MaxValueValidator(100_000)],
                verbose_name="answers between breaks",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="instructions",
            field=models.TextField(
                blank=True, validators=[MaxLengthValidator(20_000)], verbose_name="instructions"
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="required_answers",
            field=models.PositiveIntegerField(
                default=0,
                help_text="0: all tasks that there are for the worker",
                validators=[MaxValueValidator(100_000)],
                verbose_name="answers required for the code",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="session_cap",
            field=models.PositiveIntegerField(
                default=0,
                help_text="0: no limit",
                validators=[MaxValueValidator(100_000)],
                verbose_name="answers per session",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="undo_steps",
            field=models.PositiveSmallIntegerField(
                default=3, validators=[MaxValueValidator(100)], verbose_name="answers that can be undone"
            ),
        ),
    ]
