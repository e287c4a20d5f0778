"""The rush with real processes, of which some are killed in the middle: nothing oversold, lost or left behind.

Runs on PostgreSQL and on MariaDB.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from catalog.models import Stock
from orders import sweeps
from orders.ledger.walk import walk
from orders.models import Checkout, Order, OrderLine, Payment, Refund, SandboxPayment, SandboxRefund
from tests import rush
from tests.concurrency import make_buyers
from tests.makers import make_member, make_product

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

BUYERS = 16
UNITS = 300
SKUS = 3
LIVE = (Checkout.Status.OPEN, Checkout.Status.PAID)


@pytest.fixture(scope="module")
def processes() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.rush"])
    return context


def make_variants(stock: int, count: int = 1) -> list[int]:
    seller = make_member()
    products = [make_product(seller, stock=stock) for _ in range(count)]
    return [product.variants.get().pk for product in products]


def errand(buyer: User, variant_ids: list[int], number: int, **changes: Any) -> rush.Errand:
    """Every other buyer names the goods in the opposite order."""
    return rush.Errand(
        database=str(connection.settings_dict["NAME"]),
        buyer_id=buyer.pk,
        variant_ids=variant_ids[:: 1 if number % 2 else -1],
        seed=number,
        **{"turns": 1} | changes,
    )


def run(context: Any, work: Callable[..., None], errands: list[rush.Errand], *more: Any) -> Counter[str]:
    """Let every errand be run in a process of its own; return what happened, with "killed" for the dead."""
    gate = context.Barrier(len(errands))
    running = []
    for each in errands:
        hear, tell = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(each, gate, tell, *more))
        process.start()
        tell.close()
        running.append((process, hear))
    happened: Counter[str] = Counter()
    for process, hear in running:
        happened += heard(hear)
        process.join(10)
        assert not process.is_alive()
    return happened


def heard(pipe: Connection) -> Counter[str]:
    """Return what a process tells at its end; a killed one tells nothing."""
    assert pipe.poll(rush.PATIENCE_SECONDS), "somebody waits for ever"
    try:
        return pipe.recv()
    except EOFError:
        return Counter(["killed"])


def sweep_up() -> None:
    """Let every hold's time be over, and do once what the periodic tasks do."""
    over = timezone.now() - timedelta(seconds=1)
    Checkout.objects.filter(status="open").update(expires_at=over)
    Payment.objects.update(asked_at=over - timedelta(days=1))
    Refund.objects.update(asked_at=over - timedelta(days=1))
    SandboxPayment.objects.filter(choice="").update(expires_at=over)
    sweeps.expire_holds()
    sweeps.settle_payments()
    sweeps.settle_refunds()


def in_orders(variant_id: int) -> int:
    lines = OrderLine.objects.filter(variant=variant_id, order__checkout__status__in=LIVE)
    sums = lines.aggregate(all=Sum("quantity"), back=Sum("returned"))
    return (sums["all"] or 0) - (sums["back"] or 0)


def test_nothing_is_oversold_or_lost_in_a_rush_with_expiries_and_kills(processes):
    variant_ids = make_variants(UNITS // SKUS, SKUS)
    mortal = [*rush.STAGES, *[""] * (BUYERS - len(rush.STAGES))]
    errands = [
        errand(buyer, variant_ids, number, turns=60, dies_at=mortal[number])
        for number, buyer in enumerate(make_buyers(BUYERS))
    ]
    over = processes.Event()
    hear, tell = processes.Pipe(duplex=False)
    sweeper = processes.Process(target=rush.sweep, args=(errands[0].database, over, tell))
    sweeper.start()
    happened = run(processes, rush.buy, errands)
    over.set()
    happened += heard(hear)
    sweeper.join(10)
    assert happened.pop("killed") == len(rush.STAGES)
    assert set(happened) <= {"pay", "fail", "cancel", "leave", "send back", "out", "expired", "asked"}

    for variant_id in variant_ids:  # before anything is swept up, held pieces are held and not lost
        assert Stock.objects.get(pk=variant_id).left + in_orders(variant_id) == UNITS // SKUS
    assert Checkout.objects.filter(status="open").exists()
    sweep_up()
    for variant_id in variant_ids:
        left, sold = Stock.objects.get(pk=variant_id).left, in_orders(variant_id)
        assert left >= 0
        assert left + sold == UNITS // SKUS
    assert sum(map(in_orders, variant_ids)) > 0
    assert not Checkout.objects.filter(status="open").exists()
    assert not Payment.objects.filter(status="started").exists()
    assert not Refund.objects.exclude(status="done").exists()
    assert list(walk()) == []
    paid = SandboxPayment.objects.filter(choice="succeed").aggregate(won=Sum("amount"))["won"]
    back = SandboxRefund.objects.aggregate(won=Sum("amount"))["won"] or 0
    orders = Order.objects.filter(paid_at__isnull=False).aggregate(all=Sum("total"), back=Sum("refunded"))
    assert paid - back == orders["all"] - orders["back"]


@pytest.mark.parametrize("guarded", [True, False])
def test_the_last_piece_goes_to_one_of_many_processes_and_to_all_without_the_guard(processes, guarded):
    (variant_id,) = make_variants(1)
    errands = [errand(buyer, [variant_id], n) for n, buyer in enumerate(make_buyers(BUYERS))]
    happened = run(processes, rush.take_last_piece, errands, guarded)
    assert happened == ({"held": 1, "out": BUYERS - 1} if guarded else {"held": BUYERS})
    assert in_orders(variant_id) == (1 if guarded else BUYERS)


@pytest.mark.parametrize("guarded", [True, False])
def test_opposite_carts_do_not_lock_each_other_out_and_do_without_the_order(processes, guarded):
    variant_ids = make_variants(10, 2)
    errands = [errand(buyer, variant_ids, n) for n, buyer in enumerate(make_buyers(2))]
    happened = run(processes, rush.take_two_at_once, errands, guarded)
    if guarded:
        assert happened == {"held": 2}
        assert {in_orders(variant_id) for variant_id in variant_ids} == {2}
    else:
        assert happened.pop("held", 0) < 2
        assert "eadlock" in " ".join(happened)


def test_a_dead_buyers_pieces_stay_away_until_they_are_swept_up(processes):
    """Shows that the first test can see a lost piece."""
    (variant_id,) = make_variants(10)
    (buyer,) = make_buyers(1)
    happened = run(processes, rush.buy, [errand(buyer, [variant_id], 1, turns=60, dies_at="held")])
    assert happened == {"killed": 1}
    assert Stock.objects.get(pk=variant_id).left < 10
    sweep_up()
    assert Stock.objects.get(pk=variant_id).left + in_orders(variant_id) == 10
