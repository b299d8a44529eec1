"""Pairs that are chosen by the votes so far, and the sketches whose order is settled."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotation", "0015_experts")]

    operations = [
        migrations.AddField(
            model_name="candidateset",
            name="risk",
            field=models.FloatField(blank=True, null=True, verbose_name="accepted risk of a wrong order"),
        ),
        migrations.AddField(
            model_name="candidateset",
            name="settled_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="order settled"
            ),
        ),
    ]
