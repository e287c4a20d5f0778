"""Indexes for the lists by price and, on PostgreSQL, for `catalog.search`; built beside running writers there."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState

SEARCH_INDEX = "catalog_product_pieces"


class AddIndexBesideWriters(migrations.AddIndex):
    """Add an index, on PostgreSQL without holding up writers."""

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.add_index(model, self.index, concurrently=True)
        else:
            schema_editor.add_index(model, self.index)


def add_search_index(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {SEARCH_INDEX} ON catalog_product"
            " USING gin (string_to_array(search_text, ' '))"
        )


def drop_search_index(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {SEARCH_INDEX}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0007_product_stock_goes")]

    operations = [
        AddIndexBesideWriters(
            model_name="product",
            index=models.Index(
                fields=["category", "price", "-id"],
                condition=models.Q(state="on_sale"),
                name="catalog_cheapest_of_category",
            ),
        ),
        AddIndexBesideWriters(
            model_name="product",
            index=models.Index(
                fields=["price", "-id"],
                condition=models.Q(state="on_sale"),
                name="catalog_cheapest",
            ),
        ),
        migrations.RunPython(add_search_index, drop_search_index),
    ]
