from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_stock_of_variants"),
    ]

    operations = [
        migrations.DeleteModel(name="ProductStock"),
    ]
