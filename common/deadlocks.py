"""Transactions that the database broke off in favour of another one: made again, a few times."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
PAUSE_SECONDS = 0.02

_SQLSTATES = (
    "40P01",
    "40001",
)  # PostgreSQL: deadlock_detected, serialization_failure (appendix A of its manual)
_MYSQL_DEADLOCK = 1213  # ER_LOCK_DEADLOCK: MySQL and MariaDB roll the whole transaction back


def is_deadlock(error: OperationalError) -> bool:
    """Whether the same transaction, made again, may well succeed."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in _SQLSTATES or error.args[:1] == (_MYSQL_DEADLOCK,)


def again_after_deadlock(work: Callable[P, R]) -> Callable[P, R]:
    """Run a function that is a transaction of its own up to TRIES times while the database breaks it off.

    Inside another transaction it runs once: what was broken off is then all of that, and whoever began it decides.
    """

    @wraps(work)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for failed in range(1, TRIES):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if connection.in_atomic_block or not is_deadlock(error):
                    raise
                time.sleep(random.uniform(0, PAUSE_SECONDS * failed))  # noqa: S311 so that two do not meet again
        return work(*args, **kwargs)

    return repeated
