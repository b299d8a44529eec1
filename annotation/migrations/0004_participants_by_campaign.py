from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat


def participants_from_workers(apps: Any, schema_editor: Any) -> None:
    Enrolment, Worker = apps.get_model("annotation", "Enrolment"), apps.get_model("annotation", "Worker")
    worker = Worker.objects.filter(pk=OuterRef("worker_id"))
    named = worker.annotate(participant=Concat("panel", Value(":"), "panel_id")).values("participant")[:1]
    Enrolment.objects.exclude(worker__panel="").update(participant=Subquery(named))


class Migration(migrations.Migration):
    dependencies = [("annotation", "0003_worker_figures")]

    operations = [
        migrations.RemoveConstraint(model_name="worker", name="annotation_worker_panel_once"),
        migrations.AddField(
            model_name="enrolment",
            name="participant",
            field=models.CharField(editable=False, max_length=145, null=True),
        ),
        migrations.RunPython(participants_from_workers, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                fields=("campaign", "participant"), name="annotation_enrolment_participant_once"
            ),
        ),
    ]
