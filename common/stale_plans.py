"""Plans that PostgreSQL keeps for prepared statements, and that a migration may make useless."""

from collections.abc import Callable
from typing import Any

from django.db import NotSupportedError
from django.db.backends.signals import connection_created


def watch_connections() -> None:
    """Called once, by `common.apps`."""
    connection_created.connect(_watch, dispatch_uid="common.stale_plans")


def _watch(*, connection: Any, **_: Any) -> None:  # noqa: ANN401 Django's
    if connection.vendor == "postgresql" and _drop_stale not in connection.execute_wrappers:
        connection.execute_wrappers.append(_drop_stale)


def _drop_stale(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,
    context: dict[str, Any],  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Give a connection up when a column of a kept plan has another type now: each use of the plan would fail.

    PostgreSQL says "cached plan must not change result type" with the code of unsupported features (0A000).
    """
    try:
        return execute(sql, params, many, context)
    except NotSupportedError:
        context["connection"].connection.close()
        context["connection"].close()
        raise
