"""Every product gets the one variant it always was, with the pieces it has left."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_variants(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    variants = apps.get_model("catalog", "Variant").objects.using(alias)
    stock = apps.get_model("catalog", "Stock").objects.using(alias)
    movements = apps.get_model("catalog", "StockMovement").objects.using(alias)
    old = apps.get_model("catalog", "ProductStock").objects.using(alias)
    for row in old.iterator(chunk_size=500):
        variant = variants.create(product_id=row.product_id)
        stock.create(variant=variant, left=row.left, version=row.version)
        if row.left:
            movements.create(variant=variant, kind="opening", quantity=row.left)


def take_variants_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    old = apps.get_model("catalog", "ProductStock").objects.using(alias)
    for row in apps.get_model("catalog", "Stock").objects.using(alias).select_related("variant"):
        stock, _made = old.get_or_create(product_id=row.variant.product_id, defaults={"left": 0})
        stock.left += row.left
        stock.version += row.version
        stock.save()
    apps.get_model("catalog", "Variant").objects.using(alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_variants"),
    ]

    operations = [
        migrations.RunPython(give_variants, take_variants_back),
    ]
