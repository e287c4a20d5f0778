"""Queries whose SQL Django writes once, for what a rush runs hundreds of times a second.

Writing the SQL of a small query takes Django three times as long as running it. Here a queryset is built once with a
slot in the place of each value, and what Django made of it for the database at hand is kept:

    _locked = Prepared(lambda pk: Checkout.objects.select_for_update().filter(pk=pk))
    checkout = _locked.get(pk)

Values are given to the database as they are (numbers, texts, datetimes); a field does not look at them first.
"""

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import AutoField, Expression, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import DeleteQuery, UpdateQuery
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=models.Model)
Changes = dict[str, Any]


class _Slot(Expression):
    """Where a value will stand."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, *_: object, **__: object) -> tuple[str, Any]:
        return "%s", [self]


class _Statement:
    """SQL and what stands in it: constants, and slots for the values of each call."""

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        self.sql, self._params = sql, params

    def bind(self, values: Sequence[Any]) -> list[Any]:
        adapted = [_adapted(value) for value in values]
        return [adapted[param.number] if isinstance(param, _Slot) else param for param in self._params]


class _PerDatabase:
    """What was made of a queryset, by kind of database. Made twice when two threads are first: both are the same."""

    def __init__(self, build: Callable[..., Any], slots: int | None) -> None:
        self._build = build
        self._slots = len(inspect.signature(build).parameters) if slots is None else slots
        self._made: dict[str, Any] = {}

    def _of_this_database(self) -> Any:  # noqa: ANN401
        made = self._made.get(connection.vendor)
        if made is None:
            built = self._build(*(_Slot(number) for number in range(self._slots)))
            made = self._made[connection.vendor] = self._make(built)
        return made

    def _make(self, built: Any) -> Any:  # noqa: ANN401
        raise NotImplementedError


class Prepared(_PerDatabase, Generic[M]):
    """A query for rows. `select_related` and `only` work as they do elsewhere, prefetching does not.

    `slots` is needed where `build` takes any number of values.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *, slots: int | None = None) -> None:
        super().__init__(build, slots)

    def rows(self, *values: object) -> list[M]:
        """Run it. TransactionManagementError where it locks rows outside a transaction."""
        select: _Select = self._of_this_database()
        if select.locks and connection.get_autocommit():
            raise TransactionManagementError("rows are locked until a transaction ends: there is none")
        with connection.cursor() as cursor:
            cursor.execute(select.statement.sql, select.statement.bind(values))
            return select.objects(cursor.fetchall())

    def first(self, *values: object) -> M | None:
        """The first row, if there is any. The query should ask for one only."""
        found = self.rows(*values)
        return found[0] if found else None

    def get(self, *values: object) -> M:
        """The one row there is. Raises the model's DoesNotExist."""
        found = self.rows(*values)
        if not found:
            select: _Select = self._of_this_database()
            raise select.model.DoesNotExist
        return found[0]

    def _make(self, built: QuerySet[M]) -> "_Select":
        return _Select(built)


class _Select:
    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.model = queryset.model
        self.locks = queryset.query.select_for_update
        compiler = queryset.query.get_compiler(connection=connection)
        self.statement = _Statement(*compiler.as_sql())
        columns, made_of = compiler.select, compiler.klass_info
        assert made_of is not None, "a query for rows"  # noqa: S101 for the type checker
        start, end = made_of["select_fields"][0], made_of["select_fields"][-1] + 1
        self._own = slice(start, end)
        self._names = [column[0].target.attname for column in columns[self._own]]
        populators: Any = get_related_populators
        self._related = populators(made_of, columns, connection.alias)
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in columns])

    def objects(self, rows: Sequence[Any]) -> list[Any]:
        if self._converters:
            rows = list(self._compiler.apply_converters(rows, self._converters))
        found = []
        for row in rows:
            made = self.model.from_db(connection.alias, self._names, row[self._own])
            for related in self._related:
                related.populate(row, made)
            found.append(made)
        return found


def keep_related(row: models.Model, name: str, found: list[Any]) -> None:
    """Have the rows of a reverse relation at hand, as after `prefetch_related`."""
    manager = getattr(row, name)
    kept: Any = manager.get_queryset()
    kept._result_cache, kept._prefetch_done = found, True
    cache: dict[str, Any] = row.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[manager.field.remote_field.cache_name] = kept
    for one in found:
        setattr(one, manager.field.name, row)


class PreparedUpdate(_PerDatabase):
    """An UPDATE: `build` returns the queryset and {field: value}. Call it for the number of rows it found."""

    def __init__(self, build: Callable[..., tuple[QuerySet[Any], Changes]]) -> None:
        super().__init__(build, None)

    def __call__(self, *values: object) -> int:
        return _run(self._of_this_database(), values)

    def _make(self, built: tuple[QuerySet[Any], Changes]) -> _Statement:
        queryset, changes = built
        query: Any = queryset.order_by().query.chain(UpdateQuery)
        query.add_update_values(changes)
        return _Statement(*query.get_compiler(connection=connection).as_sql())


class PreparedDelete(_PerDatabase):
    """A DELETE of rows that nothing points to. Call it for the number of rows that went."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        super().__init__(build, None)

    def __call__(self, *values: object) -> int:
        return _run(self._of_this_database(), values)

    def _make(self, built: QuerySet[Any]) -> _Statement:
        query = built.order_by().query.chain(DeleteQuery)
        return _Statement(*query.get_compiler(connection=connection).as_sql())


def insert(*rows: models.Model) -> None:
    """Write new rows of one model, in one statement where the database tells their ids; each has its id afterwards.

    As with `bulk_create` no signals are sent, and `save` is not called.
    """
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if not isinstance(field, AutoField)]
    told = isinstance(meta.pk, AutoField)  # the database makes the id
    if told and len(rows) > 1 and not connection.features.can_return_rows_from_bulk_insert:
        for row in rows:
            insert(row)
        return
    key = (connection.vendor, meta.label, len(rows))
    if key not in _inserts:
        _inserts[key] = _insert_sql(meta, fields, len(rows), told=told)
    params = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(_inserts[key], params)
        if told and connection.features.can_return_columns_from_insert:
            for row, found in zip(rows, cursor.fetchall(), strict=True):
                row.pk = found[0]
        elif told:
            rows[0].pk = cursor.lastrowid
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update(row: models.Model, *names: str) -> None:
    """Write these fields of a row that is there, as `save(update_fields=…)` without signals."""
    meta: Any = row._meta
    fields = [*(meta.get_field(name) for name in names), meta.pk]
    key = (connection.vendor, meta.label, names)
    if key not in _updates:
        quote = connection.ops.quote_name
        *changes, this_row = (f"{quote(field.column)} = %s" for field in fields)
        _updates[key] = f"UPDATE {quote(meta.db_table)} SET {', '.join(changes)} WHERE {this_row}"  # noqa: S608 our names
    params = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_updates[key], params)


_inserts: dict[tuple[str, str, int], str] = {}
_updates: dict[tuple[str, str, tuple[str, ...]], str] = {}


def _insert_sql(meta: Any, fields: Sequence[Any], count: int, *, told: bool) -> str:  # noqa: ANN401 Options
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"  # noqa: S608 our names
    if told and connection.features.can_return_columns_from_insert:
        sql += f" RETURNING {quote(meta.pk.column)}"
    return sql


def _run(statement: _Statement, values: Sequence[object]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(values))
        return int(cursor.rowcount)


def _adapted(value: object) -> object:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
