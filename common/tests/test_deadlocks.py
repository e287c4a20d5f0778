import pytest
from django.db import OperationalError, transaction

from common.deadlocks import TRIES, again_after_deadlock


class DeadlockDetected(Exception):
    """As psycopg says it."""

    sqlstate = "40P01"


def postgres_deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()
    return error


MYSQL_DEADLOCK = OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction")


def work_that_fails(error: Exception, times: int):
    """Return a decorated function that fails so many times before it works, and its calls."""
    calls = []

    @again_after_deadlock
    def work(name: str) -> str:
        """Says hello."""
        calls.append(name)
        if len(calls) <= times:
            raise error
        return f"hello {name}"

    return work, calls


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [postgres_deadlock(), MYSQL_DEADLOCK], ids=["postgres", "mysql"])
def test_a_transaction_that_was_broken_off_is_made_again(error):
    work, calls = work_that_fails(error, times=TRIES - 1)
    assert work("you") == "hello you"
    assert calls == ["you"] * TRIES
    assert work.__doc__ == "Says hello."


@pytest.mark.django_db(transaction=True)
def test_it_is_not_tried_for_ever():
    work, calls = work_that_fails(MYSQL_DEADLOCK, times=99)
    with pytest.raises(OperationalError):
        work("you")
    assert len(calls) == TRIES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError(2006, "gone away"), OperationalError("x"), KeyError("x")])
def test_another_error_is_none_of_its_business(error):
    work, calls = work_that_fails(error, times=1)
    with pytest.raises(type(error)):
        work("you")
    assert len(calls) == 1


@pytest.mark.django_db
def test_inside_a_transaction_only_its_beginner_can_make_it_again():
    work, calls = work_that_fails(MYSQL_DEADLOCK, times=1)
    with pytest.raises(OperationalError), transaction.atomic():
        work("you")
    assert len(calls) == 1
