"""Databases of a benchmark's own on the PostgreSQL that ./dev started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from devtools.problem import Problem


@contextmanager
def database(name: str) -> Iterator[str]:
    """Give the DATABASE_URL of a new, empty database, removed afterwards. Problem if there is no PostgreSQL."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        raise Problem("This benchmark needs PostgreSQL: run it with ./dev bench.")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(drop)
