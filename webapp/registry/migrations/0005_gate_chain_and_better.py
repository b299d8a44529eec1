from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_run_request_id")]

    operations = [
        migrations.AddField(
            model_name="gatereport",
            name="by_chain",
            field=models.BooleanField(default=False, verbose_name="asked for by the training"),
        ),
        migrations.AddField(
            model_name="gatereport",
            name="better",
            field=models.BooleanField(null=True, verbose_name="better beyond chance"),
        ),
    ]
