"""Triggers: a vote is written once, but for `counted`, which may fall; and no slot lies above the task's votes."""

from django.db import migrations

KEPT = (
    "id assignment_id task_id worker_id choice side sketch_id slot late revokes_id is_right response_ms "
    "idempotency_key served_release device_class created_at"
).split()

POSTGRESQL = [
    f"""
    CREATE FUNCTION annotation_vote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (NEW.counted AND NOT OLD.counted) OR NEW.values::text IS DISTINCT FROM OLD.values::text
               OR ({", ".join(f"NEW.{c}" for c in KEPT)}) IS DISTINCT FROM ({", ".join(f"OLD.{c}" for c in KEPT)}) THEN
                RAISE EXCEPTION 'a vote is written once; only counted may fall' USING ERRCODE = 'check_violation';
            END IF;
        ELSIF NEW.slot > (SELECT n_votes FROM annotation_task WHERE id = NEW.task_id) THEN
            RAISE EXCEPTION 'slot % is above the votes of its task', NEW.slot USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER annotation_vote_written_once BEFORE UPDATE ON annotation_vote
    FOR EACH ROW EXECUTE FUNCTION annotation_vote_guard()
    """,
    """
    CREATE TRIGGER annotation_vote_slot_within BEFORE INSERT ON annotation_vote
    FOR EACH ROW WHEN (NEW.slot IS NOT NULL) EXECUTE FUNCTION annotation_vote_guard()
    """,
]
SQLITE = [
    f"""
    CREATE TRIGGER annotation_vote_written_once BEFORE UPDATE ON annotation_vote
    WHEN (NEW.counted AND NOT OLD.counted)
        OR {" OR ".join(f'NEW."{c}" IS NOT OLD."{c}"' for c in [*KEPT, "values"])}
    BEGIN SELECT RAISE(ABORT, 'CHECK: a vote is written once; only counted may fall'); END
    """,
    """
    CREATE TRIGGER annotation_vote_slot_within BEFORE INSERT ON annotation_vote
    WHEN NEW.slot > (SELECT n_votes FROM annotation_task WHERE id = NEW.task_id)
    BEGIN SELECT RAISE(ABORT, 'CHECK: the slot is above the votes of its task'); END
    """,
]
DROP = {
    "postgresql": [
        "DROP TRIGGER annotation_vote_slot_within ON annotation_vote",
        "DROP TRIGGER annotation_vote_written_once ON annotation_vote",
        "DROP FUNCTION annotation_vote_guard()",
    ],
    "sqlite": ["DROP TRIGGER annotation_vote_slot_within", "DROP TRIGGER annotation_vote_written_once"],
}


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial")]
    operations = [migrations.RunPython(create, drop, elidable=False)]
