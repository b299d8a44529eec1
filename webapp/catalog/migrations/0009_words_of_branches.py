"""The words of what a category is within count now: compute the fits of its products again."""

from django.db import migrations


def outdate(apps, schema_editor):
    Product = apps.get_model("catalog", "Product")
    nested = Product.objects.using(schema_editor.connection.alias).filter(category__parent__isnull=False)
    nested.update(fits_version=0)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_findings_in_every_language")]
    operations = [migrations.RunPython(outdate, migrations.RunPython.noop)]
