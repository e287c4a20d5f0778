"""What each process of `test_rush` does: Django is set up once in a server process that forks the buyers.

Run as a module that multiprocessing's fork server loads first; it must not touch a database itself.
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event
from typing import Any
from unittest import mock
from uuid import uuid4

import django

from tests.mysql_driver import have_mysql_driver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecommerce.settings")
have_mysql_driver()
django.setup()

from django.db import connections  # noqa: E402 the settings had to be named first

from accounts.models import User  # noqa: E402
from catalog import stock  # noqa: E402
from catalog.models import Stock, Variant  # noqa: E402
from catalog.stock import OutOfStock  # noqa: E402
from orders import moves, paying, sweeps  # noqa: E402
from orders.addressing import HoldOver, set_address  # noqa: E402
from orders.holding import Wanted, cancel_hold, take_hold  # noqa: E402
from orders.models import Checkout, Order, OrderLine, Payment, Refund, SandboxPayment  # noqa: E402
from orders.paying import NotPayable, settle_payment, settle_refund, start_payment  # noqa: E402
from orders.payments.sandbox import press  # noqa: E402
from orders.refunds import refund_lines  # noqa: E402
from orders.tests.shop import ADDRESS, RETURN_URL  # noqa: E402

STAGES = ("holding", "held", "paying", "settling", "cancelling", "refunding")
"""Where a buyer's process may be killed: see `_dying_at`."""

PATIENCE_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What one process is to do. `database` is the name of the tests' database."""

    database: str
    buyer_id: int
    variant_ids: Sequence[int]
    seed: int
    turns: int
    dies_at: str = ""
    """One of STAGES, in the third turn that comes there; "" lives on."""


def buy(errand: Errand, gate: Barrier, told: Connection) -> None:
    """Buy, pay, change one's mind, and send back until nothing is left; tell how often what happened."""
    happened = _happened(errand, gate, lambda buyer, luck: _turn(errand, buyer, luck))
    told.send(happened)


def take_last_piece(errand: Errand, gate: Barrier, told: Connection, guarded: bool) -> None:
    """Buy one piece once. Without its guard everybody reads what is left before anybody writes."""

    def read_check_write(variant_id: int, count: int) -> bool:
        left = Stock.objects.get(variant_id=variant_id).left
        gate.wait(PATIENCE_SECONDS)
        return left >= count and bool(Stock.objects.filter(variant_id=variant_id).update(left=left - count))

    def once(buyer: User, luck: random.Random) -> str:
        take_hold(buyer, [_want(errand.variant_ids[0], 1)], key=uuid4())
        return "held"

    with mock.patch.object(stock, "take_if_left", stock.take_if_left if guarded else read_check_write):
        told.send(_happened(errand, gate, once))


def take_two_at_once(errand: Errand, gate: Barrier, told: Connection, guarded: bool) -> None:
    """Buy one of each, in the errand's own order. Without the guard the stock is taken in that order too.

    What the database breaks off is not tried again: the test wants to see it.
    """

    def unsorted(quantities: Mapping[int, int]) -> None:
        first, second = errand.variant_ids
        stock.take_if_left(first, quantities[first])
        gate.wait(PATIENCE_SECONDS)
        stock.take_if_left(second, quantities[second])

    def once(buyer: User, luck: random.Random) -> str:
        take_hold(buyer, [_want(pk, 1) for pk in errand.variant_ids], key=uuid4())
        return "held"

    take = stock.take_stock if guarded else unsorted
    with mock.patch("orders.holding.take_stock", take), mock.patch("common.deadlocks.TRIES", 1):
        told.send(_happened(errand, gate, once))


def sweep(database: str, over: Event, told: Connection) -> None:
    """Do what the periodic tasks do, over and over, while the others buy."""
    connections.databases["default"]["NAME"] = database
    happened: Counter[str] = Counter()
    while not over.is_set():
        try:
            happened["expired"] += sweeps.expire_holds()
            happened["asked"] += sweeps.settle_payments() + sweeps.settle_refunds()
        except Exception as error:  # noqa: BLE001 the test looks at every outcome
            happened[repr(error)] += 1
        over.wait(0.1)
    told.send(happened)


def _happened(errand: Errand, gate: Barrier, turn: Callable[[User, random.Random], str]) -> Counter[str]:
    connections.databases["default"]["NAME"] = errand.database
    luck, happened = random.Random(errand.seed), Counter[str]()
    buyer = User.objects.get(pk=errand.buyer_id)
    gate.wait(PATIENCE_SECONDS)
    for _ in range(errand.turns):
        try:
            what = turn(buyer, luck)
        except OutOfStock:
            what = "out"
        except Exception as error:  # noqa: BLE001 the test looks at every outcome
            what = repr(error)
        happened[what] += 1
        if what == "out" and not Stock.objects.filter(pk__in=errand.variant_ids, left__gt=0).exists():
            break
    connections.close_all()
    return happened


def _want(variant_id: int, quantity: int) -> Wanted:
    price = Variant.objects.select_related("product").get(pk=variant_id).product.price
    return Wanted(variant_id=variant_id, quantity=quantity, seen_price=price)


def _turn(errand: Errand, buyer: User, luck: random.Random) -> str:
    picked = luck.sample(list(errand.variant_ids), luck.randint(1, 2))
    wanted = [_want(pk, luck.randint(1, 3)) for pk in picked]
    stage = errand.dies_at if luck.random() < 0.4 else ""
    with _dying_at(stage):
        checkout = take_hold(buyer, wanted, key=uuid4(), seconds=luck.choice([1, 600]))
        if stage == "held":
            _die()
        what = stage or luck.choice(["pay", "pay", "pay", "fail", "cancel", "leave", "send back"])
        match what:
            case "cancel" | "cancelling":
                cancel_hold(checkout.pk, by=buyer)
            case "leave":
                pass
            case _:
                _pay(checkout, "fail" if what == "fail" else "succeed")
                if what in ("send back", "refunding"):
                    _send_back(checkout)
    return what


def _pay(checkout: Checkout, choice: str) -> None:
    try:
        set_address(checkout.pk, ADDRESS)
        start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    except (HoldOver, NotPayable):
        return  # it was held for a second only
    payment = Payment.objects.get(checkout=checkout)
    press(SandboxPayment.objects.get(ref=payment.ref), choice)
    settle_payment(payment.pk)


def _send_back(checkout: Checkout) -> None:
    for order in Order.objects.filter(checkout=checkout, status=Order.Status.PAID):
        line = OrderLine.objects.filter(order=order).first()
        assert line is not None
        refund_lines(order.pk, {line.pk: 1}, reason="환불", by=None, restock=True)
        for refund_id in Refund.objects.filter(order=order, status="asked").values_list("pk", flat=True):
            settle_refund(refund_id)


def _die(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    os.kill(os.getpid(), signal.SIGKILL)


def _then_die(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)
        _die()

    return wrapper


def _dying_at(stage: str) -> Any:  # noqa: ANN401 one of mock's patchers
    """Have this process killed (SIGKILL, by itself) in the middle of a stage.

    holding: rows written and pieces taken, not committed. paying: the provider has the money, nothing is noted.
    settling: all is noted, not committed. cancelling: the pieces are back, not committed. refunding: the provider
    gave the money back, nothing is noted. Held, between two transactions, needs no patch.
    """
    match stage:
        case "holding":
            return mock.patch("orders.holding.take_stock", _then_die(stock.take_stock))
        case "paying":
            return mock.patch.object(paying, "_apply", _die)
        case "settling":
            return mock.patch.object(paying, "close_locked", _then_die(moves.close_locked))
        case "cancelling":
            return mock.patch.object(moves, "give_back_stock", _then_die(stock.give_back_stock))
        case "refunding":
            return mock.patch.object(paying, "_note_refund", _die)
        case _:
            return mock.patch.object(paying, "logger", paying.logger)
