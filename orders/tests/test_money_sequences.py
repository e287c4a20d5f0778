"""Whatever happens in whatever order, the books agree with everything else, and parts add up to the whole."""

from contextlib import contextmanager
from datetime import date
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import DomainError
from orders import ledger
from orders.addressing import set_address
from orders.confirming import confirm_order, deliver_order
from orders.holding import Wanted, take_hold
from orders.ledger.walk import walk
from orders.models import Checkout, CommissionRate, Order, OrderLine, Refund, Settlement
from orders.paying import settle_payment, settle_refund, start_payment
from orders.refunds import refund_lines
from orders.settlements import actions
from orders.sharing import share
from orders.tests.books import seoul
from orders.tests.shop import ADDRESS, RETURN_URL, choose, open_shop
from tests.makers import make_category, make_product

pytestmark = pytest.mark.django_db

QUICK = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ORDER = st.integers(min_value=0, max_value=2)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("sell"),
            st.lists(st.integers(min_value=1, max_value=4), min_size=2, max_size=2),
            st.integers(min_value=0, max_value=9_999),
            st.integers(min_value=0, max_value=100),
        ),
        st.tuples(st.just("confirm"), ORDER),
        st.tuples(st.just("refund"), ORDER, st.booleans(), st.integers(min_value=1, max_value=3)),
        st.tuples(st.just("return"), ORDER, st.integers(min_value=0, max_value=5_000)),
        st.just(("provider pays",)),
        st.just(("settle",)),
        st.just(("pay out",)),
    ),
    min_size=2,
    max_size=8,
)


@contextmanager
def forgotten():
    """Undo everything at the end, so that the next example begins with nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Market:
    """One seller with two products of odd prices and different rates, and everything that can happen there."""

    def __init__(self):
        self.shop = open_shop(price=9_997, stock=1_000)
        dear = make_product(self.shop.seller, price=13_331, stock=1_000, category=make_category())
        CommissionRate.objects.create(category=dear.category, basis_points=733)
        self.variants = [self.shop.variant, dear.variants.get()]
        self.orders = []
        self.month = 0

    def sell(self, quantities, discount, platform_share):
        wanted = [
            Wanted(variant_id=variant.pk, quantity=count, seen_price=variant.product.price, broadcast_id=None)
            for variant, count in zip(self.variants, quantities, strict=True)
        ]
        checkout = take_hold(self.shop.buyer, wanted, key=uuid4())
        set_address(checkout.pk, ADDRESS)
        self.use_coupon(checkout, discount, discount * platform_share // 100)
        start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
        payment = checkout.payments.get()
        choose(payment, "succeed")
        settle_payment(payment.pk)
        self.orders.append(checkout.orders.get().pk)

    def use_coupon(self, checkout, discount, platform):
        order = checkout.orders.get()
        lines = list(order.lines.all())
        for line, part in zip(lines, share(discount, [line.amount for line in lines]), strict=True):
            OrderLine.objects.filter(pk=line.pk).update(discount=part)
        Order.objects.filter(pk=order.pk).update(
            discount=discount, platform_discount=platform, total=order.total - discount
        )
        Checkout.objects.filter(pk=checkout.pk).update(discount=discount, total=order.total - discount)

    def confirm(self, which):
        deliver_order(self.orders[which], by=None)
        confirm_order(self.orders[which], by=None)

    def refund(self, which, first, count):
        line = Order.objects.get(pk=self.orders[which]).lines.order_by("pk" if first else "-pk").first()
        refund_lines(self.orders[which], {line.pk: count}, reason="변심", by=None, restock=True)

    def send_everything_back(self, which, way_back=0):
        lines = OrderLine.objects.filter(order=self.orders[which])
        pieces = {line.pk: line.quantity - line.returned for line in lines if line.returned < line.quantity}
        if pieces:
            refund_lines(self.orders[which], pieces, reason="반품", by=None, restock=True, way_back=way_back)

    def have_the_provider_pay(self):
        for refund_id in Refund.objects.values_list("pk", flat=True):
            settle_refund(refund_id)

    def settle(self):
        self.month += 1
        actions.settle_month(self.shop.seller.pk, date(2030 + self.month, 1, 1))

    def pay_out(self):
        for settlement in Settlement.objects.filter(status="due", total__gt=0):
            actions.pay_settlement(settlement.pk, note="이체")

    def do(self, step):
        """Make one step; what the rules forbid is no step."""
        try:
            with transaction.atomic():
                match step:
                    case ("sell", quantities, discount, platform_share):
                        self.sell(quantities, discount, platform_share)
                    case ("confirm", which):
                        self.confirm(which % len(self.orders))
                    case ("refund", which, first, count):
                        self.refund(which % len(self.orders), first, count)
                    case ("return", which, way_back):
                        self.send_everything_back(which % len(self.orders), way_back)
                    case ("provider pays",):
                        self.have_the_provider_pay()
                    case ("settle",):
                        self.settle()
                    case ("pay out",):
                        self.pay_out()
        except DomainError:
            return


@pytest.fixture(autouse=True)
def far_future(monkeypatch):
    """Every month of the test is over."""
    monkeypatch.setattr(actions, "timezone", Later)


class Later:
    """A clock for settling only."""

    @staticmethod
    def now():
        return seoul(2999, 1, 1)


@QUICK
@given(STEPS)
def test_the_books_are_right_after_every_step(steps):
    with forgotten():
        market = Market()
        market.sell([2, 3], 1_001, 33)
        for step in steps:
            market.do(step)
            assert list(walk()) == [], step


@QUICK
@given(STEPS)
def test_when_everything_came_back_nobody_has_anything(steps):
    with forgotten():
        market = Market()
        market.sell([3, 2], 777, 50)
        for step in steps:
            if step[0] != "return":
                market.do(step)
        for which in range(len(market.orders)):
            market.send_everything_back(which)
        market.have_the_provider_pay()
        left = ledger.balances()
        assert left["held"] == left["commission"] == left["coupons"] == left["losses"] == 0
        assert left["seller"] == -left["paid_out"]
        for order in Order.objects.all():
            assert order.refunded == order.total == sum(order.refunds.values_list("amount", flat=True))


@QUICK
@given(STEPS)
def test_a_seller_is_paid_what_was_earned_and_no_won_twice(steps):
    with forgotten():
        market = Market()
        market.sell([1, 1], 0, 0)
        for step in steps:
            market.do(step)
        market.have_the_provider_pay()
        market.settle()
        market.pay_out()
        found = ledger.balances()
        assert found["seller"] <= 0  # nothing is left to pay; below zero, it waits for the next sale
        over = Order.objects.filter(confirmed_at__isnull=False) | Order.objects.filter(
            status__in=["refunded", "cancelled"]
        )
        earned = sum(order.total - order.refunded for order in over)
        assert found["paid_out"] + found["seller"] == earned + found["coupons"] - found["commission"]
