"""What the database has of the messages that members said, and what it and Redis did for them."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
import redis

from benchmarks.parts.usage import process_usage


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What came to be between two looks."""

    messages: int
    lost: int
    """Acknowledged, and not there."""
    doubled: int
    gaps: int
    """Numbers of the room that no message has."""
    writes: int
    """Transactions that wrote messages."""
    commits: int
    """Transactions as PostgreSQL counts them: each query outside of one is one as well."""
    database_cpu: float
    """Processor seconds of the connections' processes; 0 where they are on another machine."""
    redis_cpu: float


class Books:
    """Looks at a benchmark's database with one room in it. Begins with a first look."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._redis = redis.Redis.from_url(os.environ["REDIS_URL"])
        self.look()

    def look(self) -> None:
        """What `kept` tells is what came after this."""
        self._seq = self._number("SELECT last_seq FROM chat_room")
        self._commits = self._number(COMMITS)
        self._database_cpu, self._redis_cpu = self._database_cpu_seconds(), self._redis_cpu_seconds()

    def kept(self, acknowledged: Collection[str]) -> Kept:
        """Compare with the keys of what was acknowledged."""
        commits = self._number(COMMITS) - self._commits
        database_cpu, redis_cpu = self._database_cpu_seconds(), self._redis_cpu_seconds()
        last_seq = self._number("SELECT last_seq FROM chat_room")
        # Who wrote a row stands in it.
        rows = self._connection.execute(
            "SELECT seq, key::text, xmin::text FROM chat_message WHERE seq > %s", [self._seq]
        ).fetchall()
        keys = {key for _, key, _ in rows}
        return Kept(
            messages=len(rows),
            lost=len(set(acknowledged) - keys),
            doubled=len(rows) - len(keys),
            gaps=last_seq - self._seq - len({seq for seq, _, _ in rows}),
            writes=len({transaction for _, _, transaction in rows}),
            commits=commits,
            database_cpu=sum(
                seconds - self._database_cpu.get(pid, 0) for pid, seconds in database_cpu.items()
            ),
            redis_cpu=redis_cpu - self._redis_cpu,
        )

    def setting(self, name: str) -> str:
        """Return a setting of the server."""
        return str(self._value("SELECT current_setting(%s)", name))

    def _number(self, query: str) -> int:
        return int(self._value(query))

    def _value(self, query: str, *values: object) -> Any:  # noqa: ANN401 whatever the query gives
        row = self._connection.execute(query, values).fetchone()
        return row[0] if row else 0

    def _database_cpu_seconds(self) -> dict[int, float]:
        pids = [int(pid) for (pid,) in self._connection.execute(BACKENDS).fetchall()]
        return {pid: process_usage(pid).cpu_seconds for pid in pids if Path(f"/proc/{pid}").exists()}

    def _redis_cpu_seconds(self) -> float:
        used = cast(dict[str, float], self._redis.info("cpu"))
        return used["used_cpu_sys"] + used["used_cpu_user"]


COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
BACKENDS = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
