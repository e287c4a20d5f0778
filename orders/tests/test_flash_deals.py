"""Flash deals: started, stopped, bought at, given back, told to the room."""

from datetime import timedelta

import pytest
from django.utils import timezone

from broadcasts.live_price import BadPrice
from broadcasts.models import Broadcast
from catalog.stock import OutOfStock
from orders.deals import flash
from orders.deals.events import DealChanged, DealEnded, DealStarted
from orders.deals.flash import BadDeal, DealRunning, start_deal, stop_deal
from orders.deals.taking import DealForMembers, DealOver
from orders.holding import PriceChanged, cancel_hold
from orders.models import DealAllowance, FlashDeal, OrderLine
from orders.moves import move_order
from orders.refunds import NotRefundable, refund_lines
from orders.sweeps import expire_holds
from orders.tests.shop import let_time_run_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    events = []
    for module in ("flash", "events"):
        monkeypatch.setattr(
            f"orders.deals.{module}.send_on_commit", lambda room, event: events.append((room, event))
        )
    return events


def start(shop, **changes):
    values = {"price": 9_900, "minutes": 10, "by": shop.seller} | changes
    return start_deal(shop.broadcast.lineup.get().pk, **values)


def stop(shop):
    return stop_deal(shop.broadcast.lineup.get().pk, by=shop.seller)


def test_a_deal_runs_at_once_for_its_minutes_and_the_room_hears_of_it(shop, told):
    before = timezone.now()
    deal = start(shop, quantity=5, per_member=2)
    assert before <= deal.starts_at <= timezone.now()
    assert deal.ends_at - deal.starts_at == timedelta(minutes=10)
    assert (deal.left, deal.per_member) == (5, 2)
    assert told == [(shop.broadcast.room, DealStarted.of(deal))]
    assert told[0][1].product == shop.product.code
    assert shop.broadcast.log.last().type == "deal.started"


def test_a_deal_may_begin_later(shop):
    later = timezone.now() + timedelta(hours=1)
    assert start(shop, starts_at=later).starts_at == later
    assert shop.want().seen_price == 12_900


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"price": 12_900}, BadPrice),
        ({"price": 99}, BadPrice),
        ({"starts_at": timezone.now() - timedelta(minutes=1)}, BadDeal),
        ({"starts_at": timezone.now() + timedelta(days=31)}, BadDeal),
    ],
)
def test_what_is_no_deal_is_refused(shop, changes, error):
    with pytest.raises(error):
        start(shop, **changes)
    assert not FlashDeal.objects.exists()


def test_a_deal_is_cheaper_than_the_live_price_too(shop):
    shop.broadcast.lineup.update(live_price=10_000)
    with pytest.raises(BadPrice, match="방송 중 가격 10,000원보다"):
        start(shop, price=10_000)


@pytest.mark.parametrize("status", ["ended", "cancelled"])
def test_a_show_that_is_over_has_no_new_deals(shop, status):
    Broadcast.objects.update(status=status)
    with pytest.raises(BadDeal):
        start(shop)


def test_a_product_has_one_deal_at_a_time(shop):
    start(shop, starts_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(DealRunning):
        start(shop)
    assert stop(shop)
    assert start(shop).price == 9_900


def test_a_deal_that_is_sold_out_makes_way_and_does_not_come_back(shop):
    first = start(shop, quantity=1)
    held = shop.hold()
    second = start(shop, price=11_000, quantity=1)
    cancel_hold(held.pk, by=shop.buyer)  # the first deal's piece is there again
    first.refresh_from_db()
    assert (first.left, first.stopped_at is not None) == (1, True)
    later = timezone.now() + timedelta(seconds=60)
    assert flash.open_deals(later).get() == second


def test_a_deal_is_ended_early_once_and_told(shop, told):
    deal = start(shop)
    assert stop(shop)
    assert not stop(shop)
    deal.refresh_from_db()
    assert told[-1] == (shop.broadcast.room, DealEnded.of(deal, at=deal.stopped_at))
    assert shop.broadcast.log.last().type == "deal.ended"


def test_pieces_are_bought_at_the_deals_price_until_it_is_sold_out(shop, told):
    deal = start(shop, quantity=3)
    shop.hold(quantity=2)
    line = OrderLine.objects.get()
    assert (line.unit_price, line.regular_price, line.flash_deal) == (9_900, 12_900, deal)
    deal.refresh_from_db()
    assert (deal.left, deal.version) == (1, 1)
    with pytest.raises(DealOver, match="1개 남았어요"):
        shop.hold(quantity=2)
    deal.refresh_from_db()
    assert (deal.left, shop.left) == (1, 8)
    shop.hold()
    seen = shop.want(), deal.price
    assert seen[0].seen_price == 12_900  # sold out: the usual price again


def test_the_room_hears_how_many_are_left_after_the_commit(shop, told, django_capture_on_commit_callbacks):
    deal = start(shop, quantity=3)
    with django_capture_on_commit_callbacks(execute=True):
        held = shop.hold(quantity=2)
    with django_capture_on_commit_callbacks(execute=True):
        cancel_hold(held.pk, by=shop.buyer)
    news = [event for _room, event in told if isinstance(event, DealChanged)]
    assert [(event.version, event.left) for event in news] == [(1, 1), (2, 3)]
    assert {event.set_at for event in news} == {deal.created_at.isoformat()}


def test_whoever_saw_the_deals_price_is_asked_again_once_it_is_over(shop, settings):
    settings.DEAL_GRACE_SECONDS = 0
    start(shop)
    seen = shop.want()
    stop(shop)
    with pytest.raises(PriceChanged) as asked:
        shop.hold(seen)
    assert asked.value.prices[shop.variant.pk].unit == 12_900
    assert shop.left == 10


def test_within_the_grace_the_deals_price_is_still_taken(shop, settings):
    settings.DEAL_GRACE_SECONDS = 60
    start(shop)
    seen = shop.want()
    stop(shop)
    shop.hold(seen)
    assert OrderLine.objects.get().unit_price == 9_900


def test_a_member_takes_no_more_than_allowed_over_several_orders(shop):
    start(shop, per_member=3)
    shop.hold(quantity=2)
    with pytest.raises(DealOver, match="3개까지"):
        shop.hold(quantity=2)
    shop.hold()
    with pytest.raises(DealOver):
        shop.hold()
    assert DealAllowance.objects.get().taken == 3
    assert shop.left == 7


def test_a_guest_cannot_buy_where_members_are_counted(shop):
    start(shop, per_member=3)
    with pytest.raises(DealForMembers):
        shop.hold(buyer=None, email="guest@example.com")
    stop(shop)


def test_a_guest_buys_at_a_deal_without_a_limit_a_member(shop):
    start(shop, quantity=1)
    shop.hold(buyer=None, email="guest@example.com")
    assert OrderLine.objects.get().unit_price == 9_900


def test_a_hold_that_comes_to_nothing_gives_back_pieces_and_allowance(shop):
    deal = start(shop, quantity=3, per_member=2)
    held = shop.hold(quantity=2)
    let_time_run_out(held)
    assert expire_holds() == 1
    deal.refresh_from_db()
    assert (deal.left, DealAllowance.objects.get().taken, shop.left) == (3, 0, 10)


def counts(deal):
    deal.refresh_from_db()
    return deal.left, DealAllowance.objects.get().taken


def cancel(order, count, **changes):
    values = {"reason": "변심", "by": order.buyer, "restock": True} | changes
    refund_lines(order.pk, {order.lines.get().pk: count}, **values)


def test_a_paid_order_that_is_cancelled_whole_gives_back_pieces_and_allowance_once(shop):
    deal = start(shop, quantity=5, per_member=3)
    order = shop.sell(shop.want(quantity=3))
    cancel(order, 1)
    assert (counts(deal), shop.left) == ((2, 3), 8)  # a part of it is still bought at the deal's price
    cancel(order, 2)
    assert (counts(deal), shop.left) == ((5, 0), 10)
    with pytest.raises(NotRefundable):
        cancel(order, 1)
    assert counts(deal) == (5, 0)


def test_the_room_hears_of_pieces_that_a_cancelled_order_gave_back(
    shop, told, django_capture_on_commit_callbacks
):
    deal = start(shop, quantity=1)
    order = shop.sell()
    assert shop.want().seen_price == 12_900
    with django_capture_on_commit_callbacks(execute=True):
        cancel(order, 1)
    assert told[-1][1] == DealChanged(
        version=2, product=shop.product.code, set_at=deal.created_at.isoformat(), left=1
    )
    assert shop.want().seen_price == 9_900


@pytest.mark.parametrize("how", ["stopped", "over", "prepared", "not on the shelf again"])
def test_a_deal_that_is_over_and_goods_that_were_prepared_or_lost_stay_counted(shop, how):
    deal = start(shop, quantity=5, per_member=3)
    order = shop.sell(shop.want(quantity=2))
    if how == "stopped":
        stop(shop)
    elif how == "over":
        FlashDeal.objects.update(ends_at=timezone.now())
    elif how == "prepared":
        move_order(order.pk, "preparing")
    cancel(order, 2, restock=how != "not on the shelf again")
    order.refresh_from_db()
    assert (order.status, counts(deal)) == ("cancelled", (3, 2))


def test_stock_that_is_not_there_leaves_the_deal_as_it_was(shop):
    deal = start(shop, quantity=20)
    with pytest.raises(OutOfStock):
        shop.hold(quantity=11)
    deal.refresh_from_db()
    assert (deal.left, deal.version) == (20, 0)
