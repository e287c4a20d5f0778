"""A test that commits leaves its rows; they are taken out of the tables that have any, and of no others.

Django's own way truncates every table, which took longer than most tests, and then makes content types and permissions
anew under other numbers than a server that is running beside the tests remembers.
"""

from functools import cache

from django.apps import apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

# Made with the tables, and never changed by a test.
_KEPT = ("django_content_type", "auth_permission")


def empty_after_tests() -> None:
    """Have every test that commits end like this."""
    TransactionTestCase._fixture_teardown = _empty_all  # type: ignore[method-assign]


def _empty_all(test: TransactionTestCase) -> None:
    for alias in test._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        _empty(connections[alias])


def _empty(connection: BaseDatabaseWrapper) -> None:
    # In one transaction rows may go in any order: references are looked at when it ends, or on MySQL not at all.
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(connection.alias),
        connection.cursor() as cursor,
    ):
        cursor.execute(_which_have_rows())
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 (a model's own table)


@cache
def _which_have_rows() -> str:
    tables = {
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed
    }
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})"  # noqa: S608 (a model's own table)
        for table in sorted(tables - set(_KEPT))
    )
