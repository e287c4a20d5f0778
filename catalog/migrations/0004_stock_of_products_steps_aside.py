"""The table of a stock row per product makes room for one per variant. The site stands still while this runs:
processes of the version before would take from rows that nobody looks at any more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_picture_sizes_are_plain_columns"),
    ]

    operations = [
        migrations.RenameModel("Stock", "ProductStock"),
        migrations.AlterField(
            model_name="productstock",
            name="product",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="+",
                serialize=False,
                to="catalog.product",
            ),
        ),
    ]
