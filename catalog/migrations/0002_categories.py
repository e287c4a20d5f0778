"""The site's first categories. Going back takes away those that nothing uses."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CATEGORIES = (
    ("fashion", "패션"),
    ("beauty", "뷰티"),
    ("food", "식품"),
    ("living", "리빙"),
    ("digital", "디지털"),
    ("kids", "유아동"),
    ("sports", "스포츠·레저"),
    ("hobby", "취미"),
    ("pets", "반려동물"),
    ("other", "기타"),
)


def add_categories(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    categories = apps.get_model("catalog", "Category").objects.using(schema_editor.connection.alias)
    for position, (slug, name) in enumerate(CATEGORIES):
        categories.get_or_create(slug=slug, defaults={"name": name, "position": position})


def remove_unused_categories(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    categories = apps.get_model("catalog", "Category").objects.using(schema_editor.connection.alias)
    categories.filter(slug__in=[slug for slug, _ in CATEGORIES], products=None, children=None).delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunPython(add_categories, remove_unused_categories)]
