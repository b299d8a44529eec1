from django.db import migrations, models


def rename(apps, schema_editor):
    """Give models that share their name with an older one the number of their run, or their own."""
    model = apps.get_model("registry", "ModelVersion")
    taken = set()
    for row in model.objects.order_by("pk").only("name", "version", "training_run_id"):
        version, n = row.version, 2
        if (row.name, version) in taken and row.training_run_id:
            version = f"{row.version}, run {row.training_run_id}".removeprefix(", ")
        while (row.name, version) in taken:
            version, n = f"{row.version} ({n})".strip(), n + 1
        taken.add((row.name, version))
        if version != row.version:
            model.objects.filter(pk=row.pk).update(version=version)


class Migration(migrations.Migration):
    dependencies = [("registry", "0010_index_parts")]

    operations = [
        migrations.AlterField(
            model_name="modelversion",
            name="version",
            field=models.CharField(blank=True, max_length=80, verbose_name="version"),
        ),
        migrations.RunPython(rename, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(fields=("name", "version"), name="registry_model_named_once"),
        ),
    ]
