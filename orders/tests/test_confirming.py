"""Sending, arriving and confirming: by the people, or by time when nobody says anything."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import IllegalMove
from orders.carriers import WrongTracking, carrier_named, clean_tracking, tracking_address
from orders.claims import ask
from orders.confirming import (
    StillOpen,
    confirm_order,
    confirm_silent,
    deliver_late,
    deliver_order,
    warn_of_confirming,
)
from orders.disputes import open_dispute, withdraw_dispute
from orders.ledger import balance
from orders.models import Order, OrderLog, Transfer
from orders.sending import NotSendable, prepare_order, ship_order
from orders.terms import confirm_from, end_of_day
from orders.tests.shop import log_of

NUMBER = "123456789012"


def ship(order, number=NUMBER, carrier="cj"):
    return ship_order(order.pk, carrier=carrier, number=number, by=order.seller)


def delivered(shop, *, days_ago=0):
    order = shop.sell()
    ship(order)
    deliver_order(order.pk, by=shop.seller)
    then = timezone.now() - timedelta(days=days_ago)
    Order.objects.filter(pk=order.pk).update(delivered_at=then, shipped_at=then)
    order.refresh_from_db()
    return order


def status_of(order):
    order.refresh_from_db()
    return order.status


def test_an_order_goes_from_paid_to_the_seller(shop):
    order = shop.sell()
    prepare_order(order.pk, by=shop.seller)
    assert ship(order, number="1234-5678-9012")
    deliver_order(order.pk, by=shop.seller)
    assert confirm_order(order.pk, by=shop.buyer)
    assert not confirm_order(order.pk, by=shop.buyer)
    assert status_of(order) == "confirmed"
    assert (order.carrier, order.tracking_number) == ("cj", NUMBER)
    assert log_of(order)[-4:] == [f"order.{to}" for to in ("preparing", "shipped", "delivered", "confirmed")]
    assert None not in (order.shipped_at, order.delivered_at, order.confirmed_at)
    assert Transfer.objects.filter(order=order, kind=Transfer.Kind.SALE).get().amount == order.total
    assert balance(Transfer.Account.HELD) == 0


def test_a_wrong_number_is_put_right_and_the_same_one_changes_nothing(shop):
    order = shop.sell()
    ship(order)
    assert not ship(order)
    assert ship(order, number="999999999999")
    order.refresh_from_db()
    assert order.tracking_number == "999999999999"
    assert log_of(order)[-1] == "order.tracking"


@pytest.mark.parametrize(
    ("carrier", "number"), [("cj", "12"), ("cj", "12345678901a"), ("", NUMBER), ("dhl", NUMBER)]
)
def test_impossible_numbers_are_refused(shop, carrier, number):
    order = shop.sell()
    with pytest.raises(WrongTracking):
        ship(order, number, carrier)
    assert status_of(order) == "paid"


def test_carriers_are_known_by_name_too():
    assert carrier_named(" cj 대한통운 ") == carrier_named("CJ대한통운") == "cj"
    assert carrier_named("비둘기") == ""
    assert clean_tracking("post", "12345 67890 123") == "1234567890123"
    assert tracking_address("hanjin", NUMBER).endswith(NUMBER)
    assert tracking_address("비둘기", NUMBER) == ""


def test_what_the_buyer_wants_cancelled_is_not_sent(shop):
    order = shop.sell()
    prepare_order(order.pk, by=shop.seller)
    ask(order.pk, {order.lines.get().pk: 1}, kind="cancel", reason="mind", by=shop.buyer)
    with pytest.raises(NotSendable):
        ship(order)


def test_a_direct_deal_and_an_unpaid_order_are_not_sent(shop):
    order = shop.sell()
    Order.objects.filter(pk=order.pk).update(deal="direct")
    unpaid = shop.hold().orders.get()
    for one in (order, unpaid):
        with pytest.raises(NotSendable):
            ship(one)


def test_saying_delivered_does_not_end_a_return(shop):
    order = delivered(shop)
    ask(order.pk, {order.lines.get().pk: 1}, kind="return", reason="mind", by=shop.buyer)
    assert not deliver_order(order.pk, by=shop.seller)
    assert status_of(order) == "return_asked"
    with pytest.raises(IllegalMove):
        deliver_order(shop.hold().orders.get().pk, by=shop.seller)


def test_nothing_is_confirmed_while_somebody_wants_something_back(shop):
    order = delivered(shop)
    dispute = open_dispute(order.pk, subject="different", text="색이 달라요", by=shop.buyer)
    with pytest.raises(StillOpen):
        confirm_order(order.pk, by=shop.buyer)
    withdraw_dispute(dispute.pk, by=shop.buyer)
    assert confirm_order(order.pk, by=shop.buyer)


def test_a_parcel_arrives_by_itself_after_days(shop):
    order = shop.sell()
    ship(order)
    assert deliver_late(timezone.now() + timedelta(days=6, hours=23)) == 0
    assert deliver_late(timezone.now() + timedelta(days=7, hours=1)) == 1
    assert status_of(order) == "delivered"


def test_a_purchase_is_confirmed_by_itself_a_day_after_the_buyer_was_told(shop):
    order = delivered(shop, days_ago=30)
    now = timezone.now()
    assert confirm_silent(now) == 0
    assert warn_of_confirming(now) == 1
    assert warn_of_confirming(now) == 0
    assert confirm_silent(now) == 0
    OrderLog.objects.filter(order=order, type="order.confirm_soon").update(at=now - timedelta(hours=25))
    assert confirm_silent(now) == 1
    assert status_of(order) == "confirmed"


def test_the_time_runs_to_the_end_of_the_last_day_on_which_it_may_be_sent_back(shop):
    shop.product.return_days = 14
    shop.product.save()
    order = delivered(shop)
    due = confirm_from(order)
    assert due == end_of_day(order.delivered_at, 14)
    assert timezone.localtime(due).time().isoformat() == "00:00:00"
    OrderLog.objects.create(order=order, type="order.confirm_soon")
    OrderLog.objects.update(at=timezone.now() - timedelta(days=5))
    assert confirm_silent(due - timedelta(seconds=1)) == 0
    assert confirm_silent(due) == 1


def test_what_may_be_sent_back_for_long_holds_up_nobody(shop, monkeypatch):
    shop.product.return_days = 90
    shop.product.save()
    delivered(shop, days_ago=30)
    shop.product.return_days = 7
    shop.product.save()
    order = delivered(shop, days_ago=10)
    monkeypatch.setattr("orders.confirming.A_ROUND", 1)
    assert (
        warn_of_confirming(timezone.now()) == 1
    )  # the older one's card says 90, whatever its product says now
    assert log_of(order)[-1] == "order.confirm_soon"


@pytest.mark.parametrize("what", ["claim", "dispute"])
def test_time_confirms_nothing_that_is_in_question(shop, what):
    order = delivered(shop)
    if what == "claim":
        ask(order.pk, {order.lines.get().pk: 1}, kind="return", reason="mind", by=shop.buyer)
    else:
        open_dispute(order.pk, subject="different", text="색이 달라요", by=shop.buyer)
    later = timezone.now() + timedelta(days=60)
    before = status_of(order)
    assert (warn_of_confirming(later), confirm_silent(later)) == (0, 0)
    assert status_of(order) == before
