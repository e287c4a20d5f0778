"""How fast the pages of the shop are beside django-oscar's, and how little they mind a large catalogue."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.oscar import environment as oscar
from benchmarks.parts import report
from benchmarks.parts.databases import database
from benchmarks.parts.http_load import Served, visit
from benchmarks.parts.site import working_folder
from devtools.ports import LOOPBACK, answers, free_ports
from devtools.problem import Problem
from devtools.processes import Child, wait_for
from devtools.say import say
from devtools.stack import Stack

AS_IN_PRODUCTION = {
    "DEBUG": "0",
    "ALLOWED_HOSTS": f"localhost,{LOOPBACK}",
    "LOG_LEVEL": "WARNING",
    "SECURE_SSL_REDIRECT": "0",
}
TARGET_RATIO, TARGET_GROWTH = 5.0, 1.5
SIZES = (1, 1_000)
LARGE = 200_000
CONNECTIONS = 4
PRODUCTS_VISITED = 500
"""So many different products take turns: one page that is asked for over and over says little."""

START_SECONDS = 60

PEERS = {
    "main": "catalogue",
    "category": "catalogue",
    "search": "catalogue",
    "product": "product",
    "cart": "product",
}
"""Which of the peer's pages each of ours stands beside: lists beside its list, one thing beside its thing."""


@dataclass(frozen=True)
class Plan:
    """Seconds each page is asked for: beside the peer, and to see how it grows."""

    page: float
    growth: float


FULL, QUICK = Plan(page=6, growth=6), Plan(page=1.5, growth=1.5)


@dataclass(frozen=True)
class Place:
    """A page's addresses, and the cookie it is asked for with."""

    paths: list[str]
    cookie: str = ""


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    with ExitStack() as running:
        folder = running.enter_context(working_folder())
        url = running.enter_context(database("bench_pages"))
        port = running.enter_context(_site(folder, url))
        ratios: dict[str, float] = {}
        rows: list[report.Row] = []
        slowest = 0.0
        for size in SIZES:
            ours = {name: _served(port, place, plan.page) for name, place in _places(size).items()}
            slowest = max(slowest, *(served.p99_ms for served in ours.values()))
            theirs = {} if options.no_peer else _peer(size, plan.page)
            for name, served in ours.items():
                peer = theirs.get(PEERS[name])
                rows.append(
                    (
                        f"{name}, {size:,} products, requests/s",
                        served.requests_per_s,
                        peer and peer.requests_per_s,
                    )
                )
                rows.append(("  p99, ms", served.p99_ms, peer and peer.p99_ms))
                if peer:
                    ratios[f"{name}, {size:,} products"] = served.requests_per_s / peer.requests_per_s
        growth = _growth(port, plan.growth)
    _tell(rows, ratios, slowest, growth, as_json=options.json)
    return 0 if ratios or options.no_peer else 1


@contextmanager
def _site(folder: os.PathLike[str], url: str) -> Iterator[int]:
    """Run our web process on the database, as for a site, with this process in its settings; give its port."""
    stack = Stack(
        folder, redis_url=os.environ.get("REDIS_URL"), overrides={"DATABASE_URL": url, **AS_IN_PRODUCTION}
    )
    try:
        stack.open()
        stack.manage("collectstatic", "--no-input")
        os.environ.update(stack.environment, DJANGO_SETTINGS_MODULE="livecommerce.settings")
        import django

        django.setup()
        stack.start_process("web")
        up = wait_for(
            lambda: answers(LOOPBACK, stack.ports.web), START_SECONDS, unless=lambda: bool(stack.ended())
        )
        stack.require_running()
        if not up:
            raise Problem(f"Our web process did not answer within {START_SECONDS} s.")
        yield stack.ports.web
        stack.require_running()
    finally:
        from django.db import connections

        connections.close_all()
        stack.stop()


def _places(size: int) -> Mapping[str, Place]:
    """Have `size` products, and say where our pages are."""
    from benchmarks.parts.catalogue import KINDS, RARE, fill
    from catalog.models import Product

    say(f"{size:,} products …")
    fill(size)
    newest = Product.objects.order_by("-pk").values_list("code", flat=True)
    return {
        "main": Place(["/"]),
        "category": Place(["/categories/fashion/", "/categories/fashion/?sort=price"]),
        "search": Place([f"/search/?q={quote(word)}" for word in (KINDS[0], RARE)]),
        "product": Place([f"/products/{code}/" for code in newest[:PRODUCTS_VISITED]]),
        "cart": Place(["/cart/"], _cart_cookie()),
    }


def _cart_cookie() -> str:
    """A guest's cart with a product in it."""
    from django.http import HttpResponse

    from catalog.models import Variant
    from orders.cart.cookie import COOKIE, remember
    from orders.models import Cart, CartLine

    cart = Cart.objects.create()
    variant = Variant.objects.select_related("product").order_by("pk")[0]
    CartLine.objects.create(cart=cart, variant=variant, quantity=1, seen_price=variant.product.price)
    response = HttpResponse()
    remember(response, cart)
    return f"{COOKIE}={response.cookies[COOKIE].coded_value}"


def _served(port: int, place: Place, seconds: float, connections: int = CONNECTIONS) -> Served:
    return visit(port, place.paths, seconds=seconds, connections=connections, cookie=place.cookie)


def _peer(size: int, seconds: float) -> Mapping[str, Served]:
    """Measure the peer's pages with as many products, on the same server program and PostgreSQL."""
    say(f"django-oscar with {size:,} products …")
    python = oscar.python()
    with database("bench_pages_oscar") as url:
        oscar.seed(url, products=size)
        (port,) = free_ports(1)
        server = Child(
            "oscar",
            [python, "-m", "uvicorn", "benchmarks.oscar.asgi:application", "--host", LOOPBACK]
            + ["--port", str(port), "--lifespan", "off", "--no-access-log", "--log-level", "warning"],
            on_line=lambda line: None,
            env=oscar.variables(url),
        )
        try:
            if not wait_for(
                lambda: answers(LOOPBACK, port), START_SECONDS, unless=lambda: not server.is_running()
            ):
                raise Problem(f"django-oscar did not answer:\n{server.last_lines()}")
            numbers = range(max(1, size - PRODUCTS_VISITED + 1), size + 1)
            places = {
                "catalogue": Place(["/catalogue/"]),
                "product": Place([f"/catalogue/wool-jacket-{number - 1}_{number}/" for number in numbers]),
            }
            return {name: _served(port, place, seconds) for name, place in places.items()}
        finally:
            server.stop(5)


def _growth(port: int, seconds: float) -> dict[str, float]:
    """How many times longer each page takes (median, one visitor) with a large catalogue than with a small one."""
    small = {name: _served(port, place, seconds, 1) for name, place in _places(SIZES[-1]).items()}
    large = {name: _served(port, place, seconds, 1) for name, place in _places(LARGE).items()}
    return {name: large[name].p50_ms / small[name].p50_ms for name in small}


def _tell(
    rows: list[report.Row],
    ratios: dict[str, float],
    slowest: float,
    growth: dict[str, float],
    *,
    as_json: bool,
) -> None:
    worst_page = min(ratios, key=lambda name: ratios[name], default=None)
    worst_growth = max(growth, key=lambda name: growth[name])
    ratio = ratios[worst_page] if worst_page else None
    figures: dict[str, report.Figure] = {
        "ratio_min": ratio,
        "p99_ms": slowest,
        "growth": growth[worst_growth],
        "worst_page": worst_page,
        "worst_growth": worst_growth,
        "load_average": report.load_average(),
    }
    grown = [(f"{name}, p50 at {LARGE:,} ÷ at {SIZES[-1]:,}", value, None) for name, value in growth.items()]
    notes = [
        f"Worst page beside django-oscar: {worst_page}, {ratio:.1f} times as many requests; target ≥ {TARGET_RATIO}."
        if ratio
        else "The peer was left out.",
        f"Worst growth: {worst_growth}, {growth[worst_growth]:.2f}; target ≤ {TARGET_GROWTH}.",
        f"{CONNECTIONS} visitors at a time, one server process each; load average {report.load_average():.1f}.",
    ]
    report.tell(figures, as_json=as_json, peer="django-oscar", rows=[*rows, *grown], notes=notes)


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
