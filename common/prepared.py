"""Queries whose SQL Django writes once, for what a rush runs hundreds of times a second.

Writing the SQL of a small query takes Django three times as long as running it. Here a queryset is built once with a
slot in the place of each value, and what Django made of it for the database at hand is kept:

    _locked = Prepared(lambda pk: Checkout.objects.select_for_update().filter(pk=pk))
    checkout = _locked.get(pk)

Values are given to the database as they are (numbers, texts, datetimes); a field does not look at them first.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
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

    def bind(self, values: Sequence[Any], database: Any) -> list[Any]:  # noqa: ANN401
        adapt = database.ops.adapt_datetimefield_value
        adapted = [adapt(value) if isinstance(value, datetime) else value for value in values]
        return [adapted[param.number] if isinstance(param, _Slot) else param for param in self._params]


class _PerDatabase:
    """What was made of a queryset, by kind of database and number of values.

    Made twice when two threads are first: both are the same.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._made: dict[tuple[str, int], Any] = {}

    def _made_for(self, database: Any, count: int) -> Any:  # noqa: ANN401
        made = self._made.get((database.vendor, count))
        if made is None:
            built = self._build(*map(_Slot, range(count)))
            made = self._made[database.vendor, count] = self._make(built, database)
        return made

    def _make(self, built: Any, database: Any) -> Any:  # noqa: ANN401
        raise NotImplementedError


class Prepared(_PerDatabase, Generic[M]):
    """A query for rows. `select_related` and `only` work as they do elsewhere, prefetching does not.

    `build` may take any number of values; each number has SQL of its own.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        super().__init__(build)

    def rows(self, *values: object) -> list[M]:
        """Run it. TransactionManagementError where it locks rows outside a transaction."""
        database = _database()
        select: _Select = self._made_for(database, len(values))
        if select.locks and database.get_autocommit():
            raise TransactionManagementError("rows are locked until a transaction ends: there is none")
        with database.cursor() as cursor:
            cursor.execute(select.statement.sql, select.statement.bind(values, database))
            return select.objects(cursor.fetchall())

    def first(self, *values: object) -> M | None:
        """The first row, if there is any. The query should ask for one only."""
        found = self.rows(*values)
        return found[0] if found else None

    def get(self, *values: object) -> M:
        """The one row there is. Raises the model's DoesNotExist."""
        found = self.rows(*values)
        if not found:
            select: _Select = self._made_for(_database(), len(values))
            raise select.model.DoesNotExist
        return found[0]

    def _make(self, built: QuerySet[M], database: Any) -> "_Select":  # noqa: ANN401
        return _Select(built, database)


class _Select:
    def __init__(self, queryset: QuerySet[Any], database: Any) -> None:  # noqa: ANN401
        self.model = queryset.model
        self.locks = queryset.query.select_for_update
        self._alias = database.alias
        compiler = queryset.query.get_compiler(connection=database)
        self.statement = _Statement(*compiler.as_sql())
        columns, made_of = compiler.select, compiler.klass_info
        assert made_of is not None, "a query for rows"  # noqa: S101 for the type checker
        start, end = made_of["select_fields"][0], made_of["select_fields"][-1] + 1
        self._own = slice(start, end)
        self._names = [column[0].target.attname for column in columns[self._own]]
        populators: Any = get_related_populators
        self._related = populators(made_of, columns, self._alias)
        self._compiler = compiler
        self._converters = compiler.get_converters([column[0] for column in columns])

    def objects(self, rows: Sequence[Any]) -> list[Any]:
        if self._converters:
            rows = list(self._compiler.apply_converters(rows, self._converters))
        found = []
        for row in rows:
            made = self.model.from_db(self._alias, self._names, row[self._own])
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
        super().__init__(build)

    def __call__(self, *values: object) -> int:
        return _run(self._made_for(_database(), len(values)), values)

    def _make(self, built: tuple[QuerySet[Any], Changes], database: Any) -> _Statement:  # noqa: ANN401
        queryset, changes = built
        query: Any = queryset.order_by().query.chain(UpdateQuery)
        query.add_update_values(changes)
        return _Statement(*query.get_compiler(connection=database).as_sql())


class PreparedDelete(_PerDatabase):
    """A DELETE of rows that nothing points to. Call it for the number of rows that went."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        super().__init__(build)

    def __call__(self, *values: object) -> int:
        return _run(self._made_for(_database(), len(values)), values)

    def _make(self, built: QuerySet[Any], database: Any) -> _Statement:  # noqa: ANN401
        query = built.order_by().query.chain(DeleteQuery)
        return _Statement(*query.get_compiler(connection=database).as_sql())


def insert(*rows: models.Model) -> None:
    """Write new rows of one model, in one statement where the database tells their ids; each has its id afterwards.

    As with `bulk_create` no signals are sent, and `save` is not called.
    """
    database = _database()
    key = (database.vendor, rows[0]._meta.label, len(rows))
    statement = _inserts.get(key)
    if statement is None:
        statement = _inserts[key] = _Insert(database, rows[0]._meta, len(rows))
    if statement.one_by_one:
        for row in rows:
            insert(row)
        return
    params = [
        field.get_db_prep_save(field.pre_save(row, add=True), database)
        for row in rows
        for field in statement.fields
    ]
    with database.cursor() as cursor:
        cursor.execute(statement.sql, params)
        if statement.returns_ids:
            for row, found in zip(rows, cursor.fetchall(), strict=True):
                row.pk = found[0]
        elif statement.makes_ids:
            rows[0].pk = cursor.lastrowid
    for row in rows:
        row._state.adding, row._state.db = False, database.alias


class _Insert:
    """An INSERT of so many rows. MySQL tells the id of the last row only; MariaDB and the others tell all of them."""

    def __init__(self, database: Any, meta: Any, count: int) -> None:  # noqa: ANN401 Django's Options
        quote = database.ops.quote_name
        self.fields = [field for field in meta.local_concrete_fields if not isinstance(field, AutoField)]
        self.makes_ids = isinstance(meta.pk, AutoField)
        self.returns_ids = self.makes_ids and database.features.can_return_columns_from_insert
        self.one_by_one = (
            self.makes_ids and count > 1 and not database.features.can_return_rows_from_bulk_insert
        )
        columns = ", ".join(quote(field.column) for field in self.fields)
        row = f"({', '.join(['%s'] * len(self.fields))})"
        self.sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {', '.join([row] * count)}"  # noqa: S608 our names
        if self.returns_ids:
            self.sql += f" RETURNING {quote(meta.pk.column)}"


def update(row: models.Model, *names: str) -> None:
    """Write these fields of a row that is there, as `save(update_fields=…)` without signals."""
    database = _database()
    meta: Any = row._meta
    key = (database.vendor, meta.label, names)
    made = _updates.get(key)
    if made is None:
        made = _updates[key] = _update(database, meta, names)
    sql, fields = made
    params = [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
    with database.cursor() as cursor:
        cursor.execute(sql, params)


def _update(database: Any, meta: Any, names: Sequence[str]) -> tuple[str, list[Any]]:  # noqa: ANN401
    quote = database.ops.quote_name
    fields = [*(meta.get_field(name) for name in names), meta.pk]
    *changes, this_row = (f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(meta.db_table)} SET {', '.join(changes)} WHERE {this_row}", fields  # noqa: S608 our names


_inserts: dict[tuple[str, str, int], _Insert] = {}
_updates: dict[tuple[str, str, tuple[str, ...]], tuple[str, list[Any]]] = {}


def _database() -> Any:  # noqa: ANN401 Django's wrapper
    """Return this thread's connection itself: `django.db.connection` looks it up anew for each attribute."""
    return connections[DEFAULT_DB_ALIAS]


def _run(statement: _Statement, values: Sequence[object]) -> int:
    database = _database()
    with database.cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(values, database))
        return int(cursor.rowcount)
