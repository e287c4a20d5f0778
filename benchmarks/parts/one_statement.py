"""The limit: the rows of one paid order, written by a single SQL statement made by hand, with the same guard."""

import itertools
import os
from typing import Any

from benchmarks.parts.buyers import SoldOut

_PARTS = (
    ("checkout", "orders.Checkout", {"code": "{name}", "idempotency_key": "gen_random_uuid()"}),
    ("placed", "orders.Order", {"code": "left({name}, 20)", "checkout_id": "(SELECT id FROM checkout)"}),
    ("line", "orders.OrderLine", {"order_id": "(SELECT id FROM placed)"}),
    ("card", "orders.Evidence", {"order_id": "(SELECT id FROM placed)"}),
    ("log", "orders.OrderLog", {"order_id": "(SELECT id FROM placed)"}),
    (
        "payment",
        "orders.Payment",
        {"ref": "left({name}, 12)", "checkout_id": "(SELECT id FROM checkout)"},
    ),
    ("provider", "orders.SandboxPayment", {"ref": "left({name}, 12)"}),
    (
        "books",
        "orders.Transfer",
        {"once": "'payment:' || {name}", "payment_id": "(SELECT id FROM payment)"},
    ),
    ("fee", "orders.Transfer", {"once": "'fee:' || {name}", "payment_id": "(SELECT id FROM payment)"}),
)
"""Name, table, and the columns that differ from order to order; the others are those of an order that was made."""


class OneStatement:
    """Takes the text of the statement from the rows of the newest order, which the product itself wrote."""

    def __init__(self, variant: Any) -> None:  # noqa: ANN401 Django is set up only by the caller
        self._variant_id = variant.pk
        self._numbers = itertools.count()
        self._statement = ""

    def run(self) -> None:
        """Write one paid order. Raises SoldOut."""
        from django.db import connection

        self._statement = self._statement or _statement(self._variant_id)
        name = f"{os.getpid():x}{next(self._numbers):x}".rjust(12, "0")
        with connection.cursor() as cursor:
            cursor.execute(self._statement, {"name": name})
            if cursor.fetchone() is None:
                raise SoldOut


def _statement(variant_id: int) -> str:
    """Take the piece, and where that worked insert everything else: all in the one transaction of a statement."""
    parts = [
        f"taken AS (UPDATE catalog_stock SET left_ = left_ - 1, version = version + 1"  # noqa: S608 our own number
        f" WHERE variant_id = {variant_id} AND left_ >= 1 RETURNING 1 AS id)"
    ]
    parts = [part.replace("left_", '"left"') for part in parts]
    parts += [_insert(name, label, changes) for name, label, changes in _PARTS]
    return f"WITH {', '.join(parts)} SELECT id FROM placed"  # noqa: S608


def _insert(name: str, label: str, changes: dict[str, str]) -> str:
    from django.apps import apps
    from django.db import connection

    model = apps.get_model(label)
    rows = model._default_manager.order_by("-pk")
    if name in ("books", "fee"):
        rows = rows.filter(once__startswith="payment:" if name == "books" else "fee:")
    row = rows[0]
    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key and field.column not in changes:
            continue
        columns.append(connection.ops.quote_name(field.column))
        own = changes.get(field.column)
        values.append(own.replace("{name}", "%(name)s") if own else _literal(field, row))
    return (
        f"{name} AS (INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({', '.join(columns)})"  # noqa: S608
        f" SELECT {', '.join(values)} FROM taken RETURNING {connection.ops.quote_name(model._meta.pk.column)} AS id)"
    )


def _literal(field: Any, row: Any) -> str:  # noqa: ANN401
    """The value as SQL with its column's type."""
    from django.db import connection
    from psycopg import sql

    value = field.get_db_prep_save(getattr(row, field.attname), connection)
    text = sql.Literal(value).as_string(connection.connection).replace("%", "%%")
    return f"{text}::{field.db_type(connection).partition(' GENERATED')[0]}"
