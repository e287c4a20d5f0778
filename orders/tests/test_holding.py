import json
import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from broadcasts.models import LineupItem
from catalog.actions import NewVariant
from catalog.models import Product, ShippingRule, Stock, Variant
from catalog.stock import OutOfStock
from common.events import room_channel
from common.redis_client import redis_client
from orders.deals.taking import DealForMembers, DealOver
from orders.evidence import digest_of
from orders.holding import (
    KeyReused,
    NoExtension,
    NotForSale,
    OwnProduct,
    PriceChanged,
    Wanted,
    cancel_hold,
    expire_hold,
    extend_hold,
    take_hold,
)
from orders.models import Checkout, Evidence, FlashDeal, Order, OrderLine
from orders.tests.shop import ADDRESS, let_time_run_out, log_of
from tests.makers import make_broadcast, make_member, make_product


def alone(product: Product, quantity: int = 1) -> Wanted:
    """What somebody wants who buys outside any show."""
    return Wanted(variant_id=product.variants.get().pk, quantity=quantity, seen_price=product.price)


def make_deal(shop, **fields) -> FlashDeal:
    now = timezone.now()
    values = {"price": 9_900, "starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(minutes=5)}
    values |= fields
    item = LineupItem.objects.get(broadcast=shop.broadcast, product=shop.product)
    return FlashDeal.objects.create(item=item, left=values.get("quantity"), **values)


def test_it_takes_the_pieces_and_waits_for_the_payment(shop, settings):
    settings.HOLD_SECONDS = 90
    checkout = shop.hold(quantity=3)
    assert (checkout.status, checkout.buyer, checkout.goods, checkout.total) == (
        "open",
        shop.buyer,
        38_700,
        38_700,
    )
    assert checkout.expires_at - checkout.created_at == pytest.approx(
        timedelta(seconds=90), abs=timedelta(seconds=2)
    )
    order = checkout.orders.get()
    assert (order.status, order.buyer, order.seller) == ("placed", shop.buyer, shop.seller)
    assert (order.goods, order.total, order.broadcast, order.deal) == (
        38_700,
        38_700,
        shop.broadcast,
        "retail",
    )
    line = order.lines.get()
    assert (line.product, line.variant, line.broadcast) == (shop.product, shop.variant, shop.broadcast)
    assert (line.name, line.unit_price, line.regular_price, line.quantity) == ("울 자켓", 12_900, 12_900, 3)
    assert shop.left == 7
    assert not checkout.payments.exists()


def test_the_number_of_an_order_is_short_and_tells_only_the_day(shop):
    numbers = {shop.hold().orders.get().code for _ in range(5)}
    assert len(numbers) == 5
    for number in numbers:
        assert re.fullmatch(rf"{timezone.localdate():%Y%m%d}-[2-9A-Z]{{4}}-[2-9A-Z]{{4}}", number)


def test_name_and_price_stay_as_they_were_ordered(shop):
    order = shop.hold().orders.get()
    Product.objects.filter(pk=shop.product.pk).update(price=1_000, name="다른 이름")
    line = order.lines.get()
    assert (line.name, line.unit_price, order.total) == ("울 자켓", 12_900, 12_900)


def test_more_than_is_left_is_refused_and_nothing_is_written(shop):
    with pytest.raises(OutOfStock) as refusal:
        shop.hold(quantity=11)
    assert (refusal.value.variant_id, refusal.value.left) == (shop.variant.pk, 10)
    for table in (Checkout, Order, OrderLine, Evidence):
        assert table.objects.count() == 0
    assert shop.left == 10


def test_the_room_hears_what_is_left(shop, django_capture_on_commit_callbacks):
    with redis_client().pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(room_channel(shop.broadcast.room))
        heard.get_message(timeout=2)
        with django_capture_on_commit_callbacks(execute=True):
            shop.hold(quantity=4)
        message = heard.get_message(timeout=2)
    assert message is not None
    news = json.loads(message["data"])
    assert (news["type"], news["product"], news["left"]) == ("stock.changed", shop.product.code, 6)


def test_several_sellers_and_kinds_of_deal_are_an_order_each(shop):
    other = make_member()
    products = [
        make_product(shop.seller, price=1_000),
        make_product(other, price=20_000),
        make_product(other, price=5_000, deal="second_hand"),
        make_product(other, price=3_000),
    ]
    checkout = shop.hold(*(alone(product, 2) for product in products))
    assert Checkout.objects.count() == 1
    assert sorted(checkout.orders.values_list("seller", "deal", "goods")) == sorted(
        [
            (shop.seller.pk, "retail", 2_000),
            (other.pk, "retail", 46_000),
            (other.pk, "second_hand", 10_000),
        ]
    )
    assert (checkout.goods, checkout.total) == (58_000, 58_000)
    assert set(Stock.objects.filter(variant__product__in=products).values_list("left", flat=True)) == {8}


def test_one_line_that_is_out_leaves_all_others_on_the_shelf(shop):
    scarce = make_product(make_member(), stock=1)
    with pytest.raises(OutOfStock) as refusal:
        shop.hold(shop.want(quantity=5), alone(scarce, 2))
    assert (refusal.value.variant_id, refusal.value.left) == (scarce.variants.get().pk, 1)
    assert (Checkout.objects.count(), shop.left) == (0, 10)


def test_a_variant_has_its_own_stock_price_and_name(shop):
    shirt = make_product(
        shop.seller,
        price=10_000,
        option_names=["사이즈"],
        variants=[NewVariant(values=("M",), stock=3), NewVariant(values=("L",), stock=4, extra_price=500)],
    )
    large = shirt.variants.get(name="L")
    checkout = shop.hold(Wanted(variant_id=large.pk, quantity=2, seen_price=10_500))
    line = checkout.orders.get().lines.get()
    assert (line.variant_name, line.unit_price, checkout.total) == ("L", 10_500, 21_000)
    assert sorted(Stock.objects.filter(variant__product=shirt).values_list("left", flat=True)) == [2, 3]
    Variant.objects.filter(pk=large.pk).update(active=False)
    with pytest.raises(NotForSale):
        shop.hold(Wanted(variant_id=large.pk, quantity=1, seen_price=10_500))


def test_each_shipping_rule_is_paid_once_an_order(shop):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3_000, free_from=50_000)
    products = [make_product(shop.seller, price=10_000, shipping=rule) for _ in range(2)]
    checkout = shop.hold(*map(alone, products))
    assert (checkout.goods, checkout.shipping, checkout.total) == (20_000, 3_000, 23_000)
    assert shop.hold(alone(products[0], 5)).shipping == 0


def test_another_price_than_the_buyer_saw_is_asked_about(shop):
    want = shop.want()
    Product.objects.filter(pk=shop.product.pk).update(price=15_000)
    with pytest.raises(PriceChanged) as refusal:
        shop.hold(want)
    assert {pk: price.unit for pk, price in refusal.value.prices.items()} == {shop.variant.pk: 15_000}
    assert (Checkout.objects.count(), shop.left) == (0, 10)
    assert shop.hold(replace(want, seen_price=15_000)).total == 15_000


def test_a_lower_price_is_asked_about_too(shop):
    with pytest.raises(PriceChanged):
        shop.hold(replace(shop.want(), seen_price=13_000))


def test_the_live_price_counts_in_its_show_only(shop):
    LineupItem.objects.filter(product=shop.product).update(live_price=11_000)
    line = shop.hold().orders.get().lines.get()
    assert (line.unit_price, line.regular_price) == (11_000, 12_900)
    assert shop.hold(alone(shop.product)).total == 12_900
    with pytest.raises(PriceChanged):
        shop.hold(replace(alone(shop.product), seen_price=11_000))


def test_an_agreed_price_is_the_buyers_alone(shop):
    want = replace(alone(shop.product), seen_price=8_000)
    checkout = shop.hold(want, agreed={shop.variant.pk: 8_000})
    line = checkout.orders.get().lines.get()
    assert (line.unit_price, line.regular_price, checkout.total) == (8_000, 12_900, 8_000)
    with pytest.raises(PriceChanged):
        shop.hold(want)


def test_a_deal_counts_its_pieces_and_gets_them_back(shop):
    deal = make_deal(shop, quantity=5, per_member=3)
    checkout = shop.hold(quantity=2)
    line = checkout.orders.get().lines.get()
    assert (line.flash_deal, line.unit_price, line.regular_price) == (deal, 9_900, 12_900)
    deal.refresh_from_db()
    assert (deal.left, deal.allowances.get().taken) == (3, 2)
    with pytest.raises(DealOver):
        shop.hold(quantity=2)
    cancel_hold(checkout.pk, by=shop.buyer)
    deal.refresh_from_db()
    assert (deal.left, deal.allowances.get().taken, shop.left) == (5, 0, 10)


def test_a_deal_with_a_limit_a_member_is_not_for_guests(shop):
    make_deal(shop, per_member=1)
    with pytest.raises(DealForMembers):
        shop.hold(buyer=None, email="guest@example.com")
    assert (Checkout.objects.count(), shop.left) == (0, 10)


def test_more_than_the_deal_has_left_takes_nothing(shop):
    deal = make_deal(shop, quantity=1)
    with pytest.raises(DealOver):
        shop.hold(quantity=2)
    deal.refresh_from_db()
    assert (deal.left, shop.left, Checkout.objects.count()) == (1, 10, 0)


def test_a_guest_is_known_by_the_address(shop):
    checkout = shop.hold(buyer=None, email="guest@example.com")
    assert (checkout.buyer, checkout.email) == (None, "guest@example.com")
    assert checkout.orders.get().buyer is None
    assert len(checkout.code) == 43


def test_a_repeated_key_returns_the_same_checkout(shop):
    key = uuid4()
    first = shop.hold(key=key, quantity=10)
    assert shop.left == 0
    assert shop.hold(key=key, quantity=10) == first
    assert (Checkout.objects.count(), Order.objects.count(), shop.left) == (1, 1, 0)


def test_a_repeated_key_returns_the_checkout_also_when_it_is_over(shop):
    key = uuid4()
    want = shop.want()
    order = shop.sell(want, key=key)
    Product.objects.filter(pk=shop.product.pk).update(price=99_000, state="ended")
    again = shop.hold(want, key=key)
    assert (again, again.status) == (order.checkout, "paid")


@pytest.mark.parametrize(
    "change",
    [
        lambda shop: ([shop.want(quantity=2)], {}),
        lambda shop: ([alone(make_product(shop.seller))], {}),
        lambda shop: ([shop.want(), alone(make_product(shop.seller))], {}),
        lambda shop: ([], {"buyer": make_member()}),
        lambda shop: ([], {"buyer": None, "email": "guest@example.com"}),
    ],
    ids=["quantity", "product", "more", "buyer", "guest"],
)
def test_a_key_with_other_contents_is_refused(shop, change):
    key = uuid4()
    shop.hold(key=key)
    wanted, changes = change(shop)
    with pytest.raises(KeyReused):
        shop.hold(*wanted, key=key, **changes)
    assert (Checkout.objects.count(), shop.left) == (1, 9)


@pytest.mark.parametrize("status", ["live", "reconnecting", "ended"])
def test_one_buys_during_the_show_and_from_its_replay(shop, status):
    shop.broadcast.status = status
    shop.broadcast.save(update_fields=["status"])
    assert shop.hold().status == "open"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("scheduled", "방송이 시작되면 주문할 수 있어요."),
        ("starting", "방송이 시작되면 주문할 수 있어요."),
        ("cancelled", "취소된 방송이라 주문할 수 없어요."),
    ],
)
def test_a_show_that_is_not_on_sells_nothing(shop, status, sentence):
    want = shop.want()
    shop.broadcast.status = status
    shop.broadcast.save(update_fields=["status"])
    with pytest.raises(NotForSale) as refusal:
        shop.hold(want)
    assert refusal.value.message == sentence
    assert shop.left == 10


def test_a_product_that_is_not_in_the_show_is_refused(shop):
    want = replace(alone(make_product(shop.seller)), broadcast_id=shop.broadcast.pk)
    with pytest.raises(NotForSale):
        shop.hold(want)


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_what_is_not_on_sale_is_refused(shop, state):
    Product.objects.filter(pk=shop.product.pk).update(state=state)
    with pytest.raises(NotForSale):
        shop.hold()


def test_nothing_at_all_and_too_much_at_once_are_refused(shop):
    with pytest.raises(NotForSale):
        take_hold(shop.buyer, [], key=uuid4())
    with pytest.raises(NotForSale):
        shop.hold(*[alone(shop.product)] * 51)


def test_sellers_do_not_buy_from_themselves(shop):
    with pytest.raises(OwnProduct):
        shop.hold(buyer=shop.seller)
    assert shop.left == 10


def test_no_stock_is_made_by_ordering_less_than_one(shop):
    for quantity in (0, -3):
        with pytest.raises(IntegrityError), transaction.atomic():
            shop.hold(quantity=quantity)
    assert shop.left == 10


def test_the_show_of_an_order_is_that_of_its_first_line(shop):
    other = make_product(shop.seller)
    replay = make_broadcast(shop.seller, products=[other], status="ended")
    checkout = shop.hold(alone(make_product(shop.seller)), shop.want(other.variants.get(), broadcast=replay))
    assert checkout.orders.get().broadcast == replay


def test_what_the_buyer_was_shown_is_kept(shop):
    order = shop.hold(quantity=2).orders.get()
    card = order.evidence.card
    assert card["order"] == order.code
    assert card["seller"]["nickname"] == "하늘상점"
    assert card["broadcast"]["code"] == shop.broadcast.code
    assert 0 <= card["broadcast"]["offset_ms"] < 60_000
    (line,) = card["lines"]
    assert (line["product"], line["unit_price"], line["quantity"]) == (shop.product.code, 12_900, 2)
    assert order.evidence.digest == digest_of(card)
    Product.objects.filter(pk=shop.product.pk).update(name="다른 이름", price=1_000)
    assert Evidence.objects.get(order=order).card == card


def test_a_hold_is_made_longer_once(shop, settings):
    settings.HOLD_EXTENSION_SECONDS = 180
    checkout = shop.hold()
    longer = extend_hold(checkout.pk)
    assert longer.expires_at - checkout.expires_at == timedelta(seconds=180)
    with pytest.raises(NoExtension):
        extend_hold(checkout.pk)
    checkout.refresh_from_db()
    assert (checkout.expires_at, checkout.extended) == (longer.expires_at, True)


def test_a_hold_that_is_over_is_not_made_longer(shop):
    checkout = shop.hold()
    let_time_run_out(checkout)
    with pytest.raises(NoExtension):
        extend_hold(checkout.pk)
    cancelled = shop.hold()
    cancel_hold(cancelled.pk, by=shop.buyer)
    with pytest.raises(NoExtension):
        extend_hold(cancelled.pk)


def test_a_hold_of_another_length(shop):
    checkout = shop.hold(seconds=30)
    assert checkout.expires_at - checkout.created_at == pytest.approx(
        timedelta(seconds=30), abs=timedelta(seconds=2)
    )


def test_time_is_over_exactly_at_its_end(shop, monkeypatch):
    checkout = shop.hold()
    moment = checkout.expires_at
    monkeypatch.setattr(timezone, "now", lambda: moment - timedelta(microseconds=1))
    assert not checkout.is_overdue
    assert not expire_hold(checkout.pk)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert checkout.is_overdue
    assert expire_hold(checkout.pk)
    assert shop.left == 10


def test_what_ended_gives_back_once_and_says_who(shop):
    checkout = shop.hold(quantity=2)
    order = checkout.orders.get()
    for _ in range(2):
        cancel_hold(checkout.pk, by=shop.buyer)
    assert shop.left == 10
    assert log_of(order) == ["order.cancelled"]
    assert order.log.get().by == shop.buyer
    order.refresh_from_db()
    assert (order.status, order.closed_at is not None) == ("cancelled", True)
    assert not expire_hold(checkout.pk)


def test_every_order_of_a_checkout_ends_with_it(shop):
    checkout = shop.hold(shop.want(quantity=2), alone(make_product(make_member())))
    let_time_run_out(checkout)
    assert expire_hold(checkout.pk)
    checkout.refresh_from_db()
    assert set(checkout.orders.values_list("status", flat=True)) == {"expired", checkout.status}
    assert set(Stock.objects.values_list("left", flat=True)) == {10}


def test_the_address_is_none_of_the_holds_business(shop):
    checkout = shop.hold()
    assert checkout.address != ADDRESS
    assert checkout.address.ship_name == ""
