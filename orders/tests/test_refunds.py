"""Money of an order goes back in whatever steps, and always adds up to what was paid."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Manager, QuerySet, Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import ShippingRule, Stock, StockMovement
from common.errors import DomainError
from orders.models import Order, OrderLine, Refund, RefundLine, SandboxRefund
from orders.moves import move_order
from orders.paying import settle_refund
from orders.refunds import NotRefundable, refund_lines
from orders.tests.shop import Shop, log_of, open_shop
from tests.concurrency import at_once
from tests.makers import make_product

Status = Order.Status


def sell_two(shop: Shop, *, quantities: tuple[int, int] = (3, 2), fee: int = 3000) -> Order:
    """Return a paid order of two lines that is sent for a fee."""
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=fee)
    other = make_product(shop.seller, stock=10, price=7_777, shipping=rule)
    shop.broadcast.lineup.create(product=other, position=2)
    wanted = [shop.want(quantity=quantities[0]), shop.want(other.variants.get(), quantities[1])]
    return shop.sell(*wanted)


def give_coupon(order: Order, *parts: int) -> None:
    """Write a coupon's shares into a paid order and its payment, as if it had been used."""
    for line, part in zip(order.lines.all(), parts, strict=True):
        OrderLine.objects.filter(pk=line.pk).update(discount=part)
    order.discount = sum(parts)
    order.total -= order.discount
    order.save(update_fields=["discount", "total"])


def refund(order: Order, pieces: dict[int, int], **changes: object) -> Refund | None:
    values = {"reason": "단순 변심", "by": order.buyer, "restock": True} | changes
    return refund_lines(order.pk, pieces, **values)


def everything(order: Order) -> dict[int, int]:
    return {line.pk: line.quantity - line.returned for line in order.lines.all()}


def test_all_of_it_goes_back_with_the_shipping_and_the_order_is_cancelled(shop):
    order = sell_two(shop)
    back = refund(order, everything(order))
    order.refresh_from_db()
    assert (back.amount, back.shipping) == (order.total, 3000)
    assert (order.status, order.refunded) == (Status.CANCELLED, order.total)
    assert order.closed_at is not None
    assert log_of(order)[-2:] == ["order.refund", "order.cancelled"]
    assert shop.left == 10


def test_a_part_leaves_the_rest_of_the_order_as_it_is(shop):
    order = sell_two(shop)
    line = order.lines.first()
    back = refund(order, {line.pk: 1})
    order.refresh_from_db()
    line.refresh_from_db()
    assert (back.amount, back.shipping, order.status) == (12_900, 0, Status.PAID)
    assert (line.returned, order.refunded) == (1, 12_900)
    assert list(back.lines.values_list("line_id", "quantity", "amount")) == [(line.pk, 1, 12_900)]
    assert shop.left == 8


def test_a_coupons_share_goes_with_each_piece(shop):
    order = sell_two(shop)
    give_coupon(order, 1_000, 0)
    line = order.lines.first()
    amounts = [refund(order, {line.pk: 1}).amount for _ in range(3)]
    assert sum(amounts) == 3 * 12_900 - 1_000
    assert max(amounts) - min(amounts) <= 1


def test_the_way_back_is_taken_off_and_never_more_than_there_is(shop):
    order = sell_two(shop)
    move_order(order.pk, Status.SHIPPED)
    first, second = order.lines.all()
    assert refund(order, {first.pk: 1}, way_back=2_500).amount == 12_900 - 2_500
    assert refund(order, {second.pk: 1}, way_back=50_000) is None
    rest = {first.pk: 2, second.pk: 1}
    back = refund(order, rest, way_back=4_000)
    assert (back.amount, back.shipping) == (2 * 12_900 + 7_777 + 3_000 - 4_000, 0)
    order.refresh_from_db()
    assert order.status == Status.REFUNDED
    assert order.refunded == order.total - 2_500 - 7_777 - 4_000


def test_pieces_that_do_not_come_back_are_written_off(shop):
    order = shop.sell(quantity=2)
    line = order.lines.get()
    refund(order, {line.pk: 2}, restock=False)
    assert shop.left == 8
    gone = StockMovement.objects.get(variant=line.variant, kind=StockMovement.Kind.LOST)
    assert (gone.quantity, gone.reason) == (-2, "단순 변심")


@pytest.mark.parametrize("count", [0, -1, 4])
def test_it_refuses_more_pieces_than_are_left(shop, count):
    order = shop.sell(quantity=3)
    with pytest.raises(NotRefundable):
        refund(order, {order.lines.get().pk: count})
    assert not Refund.objects.exists()


def test_it_refuses_lines_of_another_order_and_orders_that_are_over(shop):
    order, other = shop.sell(), shop.sell()
    with pytest.raises(NotRefundable):
        refund(order, {other.lines.get().pk: 1})
    with pytest.raises(NotRefundable):
        refund(order, {})
    refund(order, everything(order))
    with pytest.raises(NotRefundable):
        refund(order, {order.lines.get().pk: 1})
    unpaid = shop.hold().orders.get()
    with pytest.raises(NotRefundable):
        refund(unpaid, everything(unpaid))


def test_it_refuses_more_shipping_than_was_paid(shop):
    order = sell_two(shop)
    line = order.lines.first()
    refund(order, {line.pk: 1}, shipping=2_000)
    with pytest.raises(NotRefundable):
        refund(order, {line.pk: 1}, shipping=1_001)
    rest = everything(order)
    assert refund(order, rest).shipping == 1_000
    order.refresh_from_db()
    assert order.refunded == order.total


def test_the_provider_gives_it_back_once(shop, django_capture_on_commit_callbacks):
    order = shop.sell(quantity=2)
    with django_capture_on_commit_callbacks() as callbacks:
        back = refund(order, everything(order))
    assert callbacks
    settle_refund(back.pk)
    settle_refund(back.pk)
    back.refresh_from_db()
    assert back.status == Refund.Status.DONE
    assert SandboxRefund.objects.get().amount == order.total


def test_coming_back_from_a_return_leaves_the_day_of_delivery_as_it_was(shop):
    order = shop.sell()
    move_order(order.pk, Status.DELIVERED)
    long_ago = timezone.now() - timedelta(days=5)
    Order.objects.filter(pk=order.pk).update(delivered_at=long_ago)
    move_order(order.pk, Status.RETURN_ASKED)
    move_order(order.pk, Status.DELIVERED)
    order.refresh_from_db()
    assert order.delivered_at == long_ago


LINES = st.lists(
    st.tuples(st.integers(100, 99_999), st.integers(1, 9), st.integers(0, 99)), min_size=1, max_size=3
)
"""(price, pieces, per cent of the coupon) of each line."""
STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), max_size=6)
"""(line, pieces) of each refund; what is not there is refused."""


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, steps=STEPS, fee=st.sampled_from([0, 2_500, 3_001]))
def test_any_split_of_refunds_adds_up_to_exactly_what_was_paid(shop, lines, steps, fee):
    with transaction.atomic():
        order = _paid_order(shop, lines, fee)
        ids = [line.pk for line in order.lines.all()]
        for place, count in steps:
            with suppress(NotRefundable):
                refund(order, {ids[place % len(ids)]: count})
            order.refresh_from_db()
            assert order.refunded == won(Refund.objects) <= order.total
        if order.status == Status.PAID:
            refund(order, {pk: count for pk, count in everything(order).items() if count})
        order.refresh_from_db()
        assert (order.refunded, order.status) == (order.total, Status.CANCELLED)
        assert won(Refund.objects, "shipping") == order.shipping
        for line in order.lines.all():
            assert won(RefundLine.objects.filter(line=line)) == line.amount - line.discount
        transaction.set_rollback(True)


def won(rows: "Manager[Any] | QuerySet[Any]", column: str = "amount") -> int:
    return rows.aggregate(won=Sum(column))["won"] or 0


def _paid_order(shop: Shop, lines: list[tuple[int, int, int]], fee: int) -> Order:
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=fee)
    wanted = []
    for position, (price, count, _percent) in enumerate(lines, start=2):
        product = make_product(shop.seller, price=price, stock=9, shipping=rule)
        shop.broadcast.lineup.create(product=product, position=position)
        wanted.append(shop.want(product.variants.get(), count))
    order = shop.sell(*wanted)
    give_coupon(order, *(price * count * percent // 100 for price, count, percent in lines))
    return order


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_refunds_of_the_same_pieces_at_once_are_one():
    shop = open_shop()
    order = shop.sell(quantity=3)
    job = partial(refund, order, {order.lines.get().pk: 2})
    results = at_once(job, job, job)
    assert sum(isinstance(result, Refund) for result in results) == 1
    assert sum(isinstance(result, DomainError) for result in results) == 2
    order.refresh_from_db()
    assert order.refunded == 2 * 12_900
    assert Stock.objects.get(variant=shop.variant).left == 9
