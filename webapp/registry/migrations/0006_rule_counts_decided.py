from django.db import migrations, models


def _count(apps, schema_editor):
    """Until now the last snapshot's triplets stood for what was decided by then."""
    for rule in apps.get_model("registry", "RetrainRule").objects.exclude(last_snapshot=None):
        rule.n_decided = int(rule.last_snapshot.facts.get("counts", {}).get("triplets", 0))
        rule.save(update_fields=["n_decided"])


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_gate_chain_and_better")]

    operations = [
        migrations.AddField(
            model_name="retrainrule",
            name="n_decided",
            field=models.PositiveIntegerField(
                default=0, editable=False, verbose_name="triplets decided by then"
            ),
        ),
        migrations.AlterField(
            model_name="retrainrule",
            name="auto_promote",
            field=models.BooleanField(default=False, verbose_name="promote what the gate finds better"),
        ),
        migrations.RunPython(_count, migrations.RunPython.noop),
    ]
