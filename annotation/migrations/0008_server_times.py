"""The server's response time, guarded like the rest of a vote, and who may join a campaign."""

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import migrations, models
from django.db.models import Q

CREATE = {
    "postgresql": [
        """
        CREATE FUNCTION annotation_vote_measured_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a vote is written once; only counted may fall' USING ERRCODE = 'check_violation';
        END $$
        """,
        """
        CREATE TRIGGER annotation_vote_measured_once BEFORE UPDATE ON annotation_vote
        FOR EACH ROW WHEN (NEW.measured_ms IS DISTINCT FROM OLD.measured_ms)
        EXECUTE FUNCTION annotation_vote_measured_guard()
        """,
    ],
    "sqlite": [
        """
        CREATE TRIGGER annotation_vote_measured_once BEFORE UPDATE ON annotation_vote
        WHEN NEW.measured_ms IS NOT OLD.measured_ms
        BEGIN SELECT RAISE(ABORT, 'CHECK: a vote is written once; only counted may fall'); END
        """
    ],
}
DROP = {
    "postgresql": [
        "DROP TRIGGER annotation_vote_measured_once ON annotation_vote",
        "DROP FUNCTION annotation_vote_measured_guard()",
    ],
    "sqlite": ["DROP TRIGGER annotation_vote_measured_once"],
}


def create(apps: Any, schema_editor: Any) -> None:
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop(apps: Any, schema_editor: Any) -> None:
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0007_endings")]

    operations = [
        migrations.AddField(
            model_name="vote",
            name="measured_ms",
            field=models.PositiveIntegerField(null=True, verbose_name="response time in ms"),
        ),
        migrations.AlterField(
            model_name="vote",
            name="response_ms",
            field=models.PositiveIntegerField(
                null=True,
                validators=[MaxValueValidator(86_400_000)],
                verbose_name="response time in ms, as the browser states it",
            ),
        ),
        migrations.RunPython(create, drop, elidable=False),
        migrations.AddField(
            model_name="enrolment",
            name="last_answer_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last answer"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="access",
            field=models.CharField(
                choices=[
                    ("open", "Anyone"),
                    ("panel", "Participants of a panel"),
                    ("invite", "Invited people"),
                ],
                default="open",
                max_length=8,
                verbose_name="who may join",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=Q(access__in=["open", "panel", "invite"]), name="annotation_campaign_access_known"
            ),
        ),
    ]
