from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0009_words_of_branches"),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogimport',
            name='takeovers',
            field=models.PositiveSmallIntegerField(default=0, editable=False, help_text='attempts since it was queued whose worker fell silent'),
        ),
    ]
