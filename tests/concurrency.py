"""Doing things at the same moment, with real threads and row locks."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts.models import User

PATIENCE_SECONDS = 60


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs at the same moment, each with a connection of its own; return results or errors in order."""
    results: list[Any] = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(PATIENCE_SECONDS)
            results[place] = job()
        except Exception as error:  # noqa: BLE001 the test looks at every outcome
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


def make_buyers(count: int) -> list[User]:
    """Return members without channel or password: buying needs neither."""
    names = [f"rush{number}" for number in range(count)]
    User.objects.bulk_create(
        User(username=name, nickname=name, email=f"{name}@example.com") for name in names
    )
    return list(User.objects.filter(username__in=names).order_by("pk"))
