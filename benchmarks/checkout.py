"""How many orders a second one hot product takes, beside django-oscar's, and whether either sells what it has not."""

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.oscar import environment as oscar
from benchmarks.oscar.buyer import EFFECTS as OSCAR_EFFECTS
from benchmarks.parts import report
from benchmarks.parts.buyers import Buyers, Result
from benchmarks.parts.databases import database
from benchmarks.parts.shop_buyer import EFFECTS
from devtools.paths import PYTHON, ROOT
from devtools.problem import Problem
from devtools.processes import output_of
from devtools.say import say

BUYERS = 8
UNITS = 300
PLENTY = 10_000_000
TARGET_RATIO = 10
TARGET_SOLD_OUT_RATIO = 20


@dataclass(frozen=True)
class Plan:
    """How long and how often."""

    rounds: int
    seconds: float


FULL = Plan(rounds=5, seconds=10)
QUICK = Plan(rounds=2, seconds=4)


class Shop:
    """A shop that is measured: its processes, and how its shelf is filled and counted."""

    def __init__(self, buyers: Buyers, url: str, *, fill: str, sold: str) -> None:
        self.buyers = buyers
        self._url = url
        self._fill, self._sold = fill, sold

    def fill(self, pieces: int) -> None:
        """Have so many pieces, and nothing sold."""
        self._execute(self._fill % pieces)

    def sold(self) -> int:
        """How many pieces its orders say were sold since."""
        return self._execute(self._sold)

    def _execute(self, statements: str) -> int:
        import psycopg

        with psycopg.connect(self._url, autocommit=True) as connection:
            cursor = connection.execute(statements)  # type: ignore[call-overload]
            return int(cursor.fetchone()[0]) if cursor.description else 0


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    with ours() as shop, peer() as other:
        oversold = _oversold(shop)
        oscar_oversold = _oversold(other)
        results, oscar_results, limits = [], [], []
        for number in range(plan.rounds):
            say(f"Round {number + 1} of {plan.rounds} …")
            results.append(_rush(shop, "order", plan))
            oscar_results.append(_rush(other, "order", plan))
            limits.append(_rush(shop, "limit", plan))
        shop.fill(0)
        sold_out = _check(shop.buyers.run("ask", plan.seconds))
    per_second = statistics.median(result.per_second for result in results)
    oscar_per_second = statistics.median(result.per_second for result in oscar_results)
    figures: dict[str, report.Figure] = {
        "orders_per_s": per_second,
        "oscar_orders_per_s": oscar_per_second,
        "ratio": statistics.median(
            a.per_second / b.per_second for a, b in zip(results, oscar_results, strict=True)
        ),
        "p99_ms": statistics.median(result.percentile(99) for result in results),
        "oscar_p99_ms": statistics.median(result.percentile(99) for result in oscar_results),
        "soldout_per_s": sold_out.per_second,
        "soldout_ratio": sold_out.per_second / per_second,
        "limit_orders_per_s": statistics.median(limit.per_second for limit in limits),
        "oversold": oversold,
        "oscar_oversold": oscar_oversold,
        "load_average": report.load_average(),
    }
    _tell(figures, as_json=options.json)
    return 0


@contextmanager
def ours() -> Iterator[Shop]:
    """Our shop on a database of its own, with a seller, a product and buyers."""
    with database("bench_shop") as url:
        env = {**os.environ, "DATABASE_URL": url, **_PRODUCTION}
        say("Making our shop …")
        output_of([PYTHON, "manage.py", "migrate", "-v0"], env=env, doing="Making our tables")
        output_of(
            [PYTHON, "manage.py", "collectstatic", "--no-input", "-v0"], env=env, doing="Collecting files"
        )
        output_of(
            [PYTHON, "-m", "benchmarks.parts.shop_seed", str(BUYERS)], env=env, doing="Filling our shop"
        )
        with Buyers(PYTHON, "benchmarks.parts.shop_buyer", env, count=BUYERS, cwd=ROOT) as buyers:
            fill = 'UPDATE catalog_stock SET "left" = %d'
            sold = (
                "SELECT coalesce(sum(quantity), 0) FROM orders_orderline JOIN orders_order o"
                " ON o.id = order_id WHERE o.status IN ('placed', 'paid')"
            )
            yield Shop(buyers, url, fill=fill, sold=sold)


@contextmanager
def peer() -> Iterator[Shop]:
    """django-oscar's, the same."""
    python = oscar.python()
    with database("bench_oscar") as url:
        say("Making django-oscar's shop …")
        oscar.seed(url, stock=UNITS)
        with Buyers(python, "benchmarks.oscar.buyer", oscar.variables(url), count=BUYERS, cwd=ROOT) as buyers:
            fill = "UPDATE partner_stockrecord SET num_in_stock = %d, num_allocated = 0"
            yield Shop(buyers, url, fill=fill, sold="SELECT coalesce(sum(quantity), 0) FROM order_line")


_PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "livecommerce.settings",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "localhost,testserver",
    "SITE_URL": "http://localhost:8000",
    "DATABASE_POOL_SIZE": "1",
    "LOG_LEVEL": "ERROR",
    "SANDBOX_PAYMENTS": "1",
}
"""With DEBUG Django keeps every query's text. A pool of one is a connection that stays."""


def _oversold(shop: Shop) -> int:
    """Let UNITS pieces be fought over; return how many more were sold."""
    shop.fill(UNITS)
    before = shop.sold()
    result = shop.buyers.run("order", 60)
    _check(result)
    return shop.sold() - before - UNITS


def _rush(shop: Shop, what: str, plan: Plan) -> Result:
    shop.fill(PLENTY)
    return _check(shop.buyers.run(what, plan.seconds))


def _tell(figures: dict[str, report.Figure], *, as_json: bool) -> None:
    report.tell(
        figures,
        as_json=as_json,
        peer="django-oscar",
        rows=[
            ("orders a second", figures["orders_per_s"], figures["oscar_orders_per_s"]),
            (f"  times as many (target {TARGET_RATIO})", figures["ratio"], None),
            ("an order, 99 %, ms", figures["p99_ms"], figures["oscar_p99_ms"]),
            (f"sold beyond {UNITS} pieces", figures["oversold"], figures["oscar_oversold"]),
            ("sold-out answers a second", figures["soldout_per_s"], None),
            (f"  times as many as orders (target {TARGET_SOLD_OUT_RATIO})", figures["soldout_ratio"], None),
            ("limit: the same rows by one statement, a second", figures["limit_orders_per_s"], None),
        ],
        notes=[
            f"{BUYERS} processes each, one product, one PostgreSQL, in turns. Load average"
            f" {figures['load_average']:.1f}.",
            "Each order of ours: " + "; ".join(EFFECTS) + ".",
            "Each order of django-oscar: " + "; ".join(OSCAR_EFFECTS) + ".",
        ],
    )


def _check(result: Result) -> Result:
    if result.errors:
        raise Problem(f"Buying failed: {dict(result.errors)}")
    return result


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
