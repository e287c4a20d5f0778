"""A shop that anything may happen to, in any order, with a model beside it: nothing is made, lost or paid twice.

`HYPOTHESIS_PROFILE=thorough` looks much longer than the run of every day.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from broadcasts.models import LineupItem
from catalog.models import ShippingRule, Stock, StockMovement, Variant
from catalog.stock import OutOfStock, move_stock
from common.errors import IllegalMove, ProviderError
from orders import sweeps
from orders.addressing import HoldOver, set_address
from orders.confirming import confirm_order, deliver_order
from orders.deals.taking import DealForMembers, DealOver
from orders.holding import NoExtension, Wanted, cancel_hold, extend_hold, take_hold
from orders.ledger.walk import walk
from orders.models import (
    Checkout,
    FlashDeal,
    Order,
    OrderLine,
    Payment,
    Refund,
    SandboxPayment,
    SandboxRefund,
    ShippingAddress,
    Transfer,
)
from orders.paying import NotPayable, settle_payment, start_payment
from orders.payments.base import State
from orders.payments.sandbox import STATES, WRONG_BY, Choice, SandboxPayments, press
from orders.pricing import items_for, price_of
from orders.refunds import refund_lines
from orders.tests.shop import ADDRESS, RETURN_URL, Shop, open_shop
from tests.makers import make_member, make_product

MANY = {
    "thorough": {"max_examples": 1000, "stateful_step_count": 60},
    "": {"max_examples": 20, "stateful_step_count": 25},
}[os.environ.get("HYPOTHESIS_PROFILE", "")]
LIVE = (Checkout.Status.OPEN, Checkout.Status.PAID)
PLACES = ("04524", "63000")
"""Where sending costs what it says, and Jeju, where it costs more."""

pieces = st.integers(1, 4)
some = st.integers(0, 30)


class ShopMachine(RuleBasedStateMachine):
    """`left`, `was_open` and `back_at_the_deal` are the model.

    What is on the shelf, {checkout: its end} of the holds there were, and the orders whose pieces the deal has again.
    """

    def __init__(self, shop: Shop, variants: list[Variant]) -> None:
        super().__init__()
        self.shop = shop
        self.variants = variants
        self.buyers = [shop.buyer, make_member(), None]
        self.now: datetime = timezone.now()
        self.clock = mock.patch.object(timezone, "now", self._now)
        self.clock.start()
        self.left = dict(Stock.objects.values_list("variant_id", "left"))
        self.was_open: dict[int, datetime] = {}
        self.back_at_the_deal: set[int] = set()
        self.money: list[Any] = []
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    @initialize(quantity=st.integers(1, 6), per_member=st.sampled_from([None, 2]))
    def run_a_deal(self, quantity: int, per_member: int | None) -> None:
        self.deal = FlashDeal.objects.create(
            item=LineupItem.objects.get(product=self.shop.product),
            price=9_900,
            starts_at=self.now,
            ends_at=self.now + timedelta(minutes=15),
            quantity=quantity,
            left=quantity,
            per_member=per_member,
        )

    # --- what buyers do

    @rule(
        who=some,
        wanted=st.dictionaries(st.integers(0, 3), pieces, min_size=1, max_size=3),
        choice=st.sampled_from([None, None, "", *Choice.values, *[Choice.SUCCEED] * 4]),
    )
    def take_a_hold(self, who: int, wanted: dict[int, int], choice: str | None) -> None:
        """Most who take one go on to pay at once."""
        buyer = self.buyers[who % len(self.buyers)]
        lines = [self._want(self.variants[number], count) for number, count in wanted.items()]
        short = any(one.quantity > self.left[one.variant_id] for one in lines)
        before = FlashDeal.objects.get(pk=self.deal.pk)
        try:
            with transaction.atomic():
                checkout = take_hold(buyer, lines, key=uuid4(), email="guest@example.com")
        except OutOfStock:
            assert short
        except DealForMembers:
            assert buyer is None
            assert before.per_member is not None
        except DealOver:
            count = sum(one.quantity for one in lines if one.variant_id == self.shop.variant.pk)
            assert count > min(before.left, before.per_member or 99) or before.allowances.exists()
        else:
            assert not short
            for one in lines:
                self.left[one.variant_id] -= one.quantity
            self.was_open[checkout.pk] = checkout.expires_at
            assert take_hold(buyer, lines, key=checkout.idempotency_key) == checkout
            if choice is not None:
                self._pay(checkout.pk, choice, settle=True)

    @precondition(lambda self: self.was_open)
    @rule(which=some, postcode=st.sampled_from(PLACES))
    def give_an_address(self, which: int, postcode: str) -> None:
        address = ShippingAddress(**vars(ADDRESS) | {"ship_postcode": postcode})
        with suppress(HoldOver):
            set_address(self._hold(which), address)

    @precondition(lambda self: self.was_open)
    @rule(which=some)
    def ask_for_more_time(self, which: int) -> None:
        checkout_id = self._hold(which)
        before = Checkout.objects.get(pk=checkout_id)
        try:
            self.was_open[checkout_id] = extend_hold(checkout_id).expires_at
        except NoExtension:
            assert before.extended or self.now >= before.expires_at

    @precondition(lambda self: self.was_open)
    @rule(which=some)
    def think_again(self, which: int) -> None:
        cancel_hold(self._hold(which), by=None)

    @precondition(lambda self: self.was_open)
    @rule(which=some, choice=st.sampled_from(["", *Choice.values]), settle=st.booleans())
    def pay(self, which: int, choice: str, settle: bool) -> None:
        self._pay(self._hold(which), choice, settle=settle)

    @precondition(lambda self: Payment.objects.exists())
    @rule(which=some, choice=st.sampled_from(Choice.values))
    def go_back_to_an_old_page(self, which: int, choice: str) -> None:
        ids = list(SandboxPayment.objects.order_by("pk").values_list("pk", flat=True))
        press(SandboxPayment.objects.get(pk=ids[which % len(ids)]), choice)

    @precondition(lambda self: Payment.objects.exists())
    @rule(which=some, down=st.booleans())
    def hear_of_a_payment(self, which: int, down: bool) -> None:
        ids = list(Payment.objects.order_by("pk").values_list("pk", flat=True))
        with self._provider(down=down), suppress(ProviderError):
            settle_payment(ids[which % len(ids)])

    # --- what sellers and time do

    @precondition(lambda self: self._paid().exists())
    @rule(which=some, count=pieces, restock=st.booleans())
    def give_money_back(self, which: int, count: int, restock: bool) -> None:
        lines = OrderLine.objects.filter(order__in=self._paid()).order_by("pk")
        line = lines[which % lines.count()]
        count = min(count, line.quantity - line.returned)
        if not count:
            return
        before = Order.objects.get(pk=line.order_id).status
        refund_lines(line.order_id, {line.pk: count}, reason="환불", by=None, restock=restock)
        if restock:
            self.left[line.variant_id] += count
            whole = before == "paid" and Order.objects.get(pk=line.order_id).status == "cancelled"
            if whole and self.now < self.deal.ends_at:
                self.back_at_the_deal.add(line.order_id)

    @precondition(lambda self: self._paid().exists())
    @rule(which=some)
    def deliver_and_confirm(self, which: int) -> None:
        order = self._paid()[which % self._paid().count()]
        with suppress(IllegalMove):
            if not deliver_order(order.pk, by=None):
                confirm_order(order.pk, by=None)

    @rule(which=some, count=st.integers(-3, 3).filter(bool))
    def count_the_shelf(self, which: int, count: int) -> None:
        variant = self.variants[which % len(self.variants)]
        try:
            with transaction.atomic():
                move_stock(variant.pk, count, kind="counted", by=None)
        except OutOfStock:
            assert self.left[variant.pk] + count < 0
        else:
            self.left[variant.pk] += count

    @rule(seconds=st.sampled_from([5, 7, 60, 300, 599, 601]))
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(down=st.booleans())
    def sweep(self, down: bool) -> None:
        long_ago = self.now - timedelta(days=1)
        Payment.objects.update(asked_at=long_ago)
        Refund.objects.update(asked_at=long_ago)
        with self._provider(down=down):
            sweeps.expire_holds()
            sweeps.settle_payments()
            sweeps.settle_refunds()

    # --- what holds at every moment

    @invariant()
    def every_piece_is_somewhere(self) -> None:
        self._note_what_ended()
        moved = dict(StockMovement.objects.values_list("variant").annotate(Sum("quantity")).order_by())
        taken: Counter[int] = Counter()
        lines = OrderLine.objects.filter(order__checkout__status__in=LIVE)
        for variant_id, quantity, returned in lines.values_list("variant", "quantity", "returned"):
            taken[variant_id] += quantity - returned
        for variant_id, left in Stock.objects.values_list("variant_id", "left"):
            assert left == self.left[variant_id] >= 0
            assert left + taken[variant_id] == moved[variant_id]

    @invariant()
    def the_deal_went_to_so_many_and_no_more(self) -> None:
        held = OrderLine.objects.filter(order__checkout__status__in=LIVE, flash_deal=self.deal)
        held = held.exclude(order__in=self.back_at_the_deal)
        taken = held.aggregate(all=Sum("quantity"))["all"] or 0
        assert FlashDeal.objects.get(pk=self.deal.pk).left == self.deal.quantity - taken >= 0
        by_member = dict(held.values_list("order__buyer").annotate(Sum("quantity")).order_by())
        if self.deal.per_member is not None:
            for member_id, count in self.deal.allowances.values_list("member", "taken"):
                assert count == by_member.pop(member_id, 0) <= self.deal.per_member
            assert not by_member

    @invariant()
    def the_books_are_right(self) -> None:
        """Walking them is slow: once for each change of what they are about."""
        money = [
            Transfer.objects.count(),
            *Payment.objects.values_list("status", "paid"),
            *Refund.objects.values_list("status", "amount"),
            *Order.objects.values_list("status", "refunded"),
        ]
        if money != self.money:
            assert list(walk()) == []
            self.money = money

    @invariant()
    def no_order_is_paid_twice_and_no_payment_is_for_nothing(self) -> None:
        confirmed = Counter(
            Payment.objects.filter(status="confirmed").values_list("checkout__pk", "checkout__total", "paid")
        )
        assert set(confirmed.values()) <= {1}
        assert {pk for pk, _, _ in confirmed} == set(
            Checkout.objects.filter(status="paid").values_list("pk", flat=True)
        )
        assert all(total == paid for _, total, paid in confirmed)
        for payment in Payment.objects.filter(status="stray"):
            assert payment.refunds.get().amount == payment.paid

    @invariant()
    def whoever_sent_everything_back_has_everything_back(self) -> None:
        for order in Order.objects.filter(status__in=["cancelled", "refunded"], paid_at__isnull=False):
            assert order.refunded == order.total
            assert order.refunds.aggregate(won=Sum("amount"))["won"] == order.total

    def teardown(self) -> None:
        """In the end the provider has taken what our books say, and nothing is on hold."""
        try:
            self.now += timedelta(days=2)
            for _ in range(2):
                self.sweep(down=False)
            self.every_piece_is_somewhere()
            self.the_books_are_right()
            assert not Checkout.objects.filter(status="open").exists()
            assert not Payment.objects.filter(status="started").exists()
            assert not Refund.objects.exclude(status="done").exists()
            assert self._kept_by_the_provider() == sum(
                order.total - order.refunded for order in Order.objects.filter(paid_at__isnull=False)
            )
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)
            self.clock.stop()

    def _kept_by_the_provider(self) -> int:
        taken = 0
        for payment in SandboxPayment.objects.exclude(choice=""):
            if STATES[Choice(payment.choice)] == State.SUCCEEDED:
                taken += payment.amount - (WRONG_BY if payment.choice == Choice.WRONG else 0)
        return taken - (SandboxRefund.objects.aggregate(won=Sum("amount"))["won"] or 0)

    def _note_what_ended(self) -> None:
        """Holds end by being paid in time, or give back what they had; expired ones not before their time."""
        for checkout in Checkout.objects.filter(pk__in=self.was_open).exclude(status="open"):
            end = self.was_open.pop(checkout.pk)
            if checkout.status == Checkout.Status.PAID:
                assert checkout.closed_at < end
                continue
            assert (checkout.closed_at >= end) == (checkout.status == Checkout.Status.EXPIRED) or (
                checkout.status == Checkout.Status.CANCELLED
            )
            for line in OrderLine.objects.filter(order__checkout=checkout):
                self.left[line.variant_id] += line.quantity

    def _now(self) -> datetime:
        return self.now

    def _want(self, variant: Variant, quantity: int) -> Wanted:
        show = self.shop.broadcast.pk if variant.product_id == self.shop.product.pk else None
        item = items_for({variant.pk: show}, [variant]).get(variant.pk)
        price = price_of(variant, item, self.now).unit
        return Wanted(variant_id=variant.pk, quantity=quantity, seen_price=price, broadcast_id=show)

    def _pay(self, checkout_id: int, choice: str, *, settle: bool) -> None:
        try:
            start_payment(checkout_id, method="sandbox", return_url=RETURN_URL)
        except NotPayable:
            assert self.now >= self.was_open[checkout_id]
            return
        payment = Payment.objects.filter(checkout=checkout_id).latest("pk")
        if choice:
            press(SandboxPayment.objects.get(ref=payment.ref), choice)
        if settle:
            settle_payment(payment.pk)

    def _hold(self, which: int) -> int:
        return sorted(self.was_open)[which % len(self.was_open)]

    def _paid(self) -> Any:
        over = ("cancelled", "refunded")
        return Order.objects.filter(paid_at__isnull=False).exclude(status__in=over).order_by("pk")

    @contextmanager
    def _provider(self, *, down: bool) -> Iterator[None]:
        def silent(*args: Any, **kwargs: Any) -> None:
            raise ProviderError("down")

        broken = {"look_up": silent, "refund": silent} if down else {}
        with ExitStack() as patches:
            for name, method in broken.items():
                patches.enter_context(mock.patch.object(SandboxPayments, name, method))
            yield


@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_the_counts_and_the_books_agree() -> None:
    shop = open_shop(stock=6)
    other = make_member()
    rule = ShippingRule.objects.create(
        seller=other, name="택배", fee=3_000, free_from=50_000, remote_fee=2_500
    )
    products = [
        make_product(shop.seller, stock=5, price=3_333),
        make_product(other, stock=4, price=19_990, shipping=rule),
        make_product(other, stock=3, price=777, shipping=rule),
    ]
    variants = [product.variants.select_related("product").get() for product in (shop.product, *products)]
    run_state_machine_as_test(
        lambda: ShopMachine(shop, variants),
        settings=settings(**MANY, deadline=None, database=None, suppress_health_check=list(HealthCheck)),
    )
