"""The one price function: which of a product's prices counts at which moment, to the second."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from broadcasts.models import Broadcast, LineupItem
from catalog.models import Product
from orders.deals.words import price_change
from orders.models import FlashDeal
from orders.pricing import PriceKind, items_for, price_of

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def grace(settings):
    settings.DEAL_GRACE_SECONDS = 8


def item_of(shop):
    variant = shop.variant
    return items_for({variant.pk: shop.broadcast.pk}, [variant])[variant.pk]


def price(shop, at=NOW):
    found = price_of(shop.variant, item_of(shop), at)
    return found.unit, found.kind


def make_deal(shop, price=9_900, *, start=0, minutes=10, **fields):
    start = NOW + timedelta(minutes=start)
    values = {"starts_at": start, "ends_at": start + timedelta(minutes=minutes)} | fields
    return FlashDeal.objects.create(item=shop.broadcast.lineup.get(), price=price, **values)


def set_live(shop, price):
    shop.broadcast.lineup.update(live_price=price)


def test_without_a_show_a_product_has_its_usual_price(shop):
    set_live(shop, 11_000)
    make_deal(shop)
    assert price_of(shop.variant, None, NOW).unit == 12_900


def test_the_live_price_counts_on_the_air_and_for_the_grace_after(shop):
    set_live(shop, 11_000)
    assert price(shop) == (11_000, PriceKind.LIVE)
    Broadcast.objects.update(status="ended", ended_at=NOW)
    assert price(shop, NOW + 7.9 * SECOND) == (11_000, PriceKind.LIVE)
    assert price(shop, NOW + 8 * SECOND) == (12_900, PriceKind.REGULAR)
    Broadcast.objects.update(status="scheduled", ended_at=None)
    assert price(shop) == (12_900, PriceKind.REGULAR)


def test_a_deal_counts_from_its_start_to_its_end_and_for_the_grace_after(shop):
    deal = make_deal(shop)
    end = deal.ends_at
    moments = [NOW - SECOND / 10, NOW, end, end + 7.9 * SECOND, end + 8 * SECOND]
    assert [price(shop, at)[0] for at in moments] == [12_900, 9_900, 9_900, 9_900, 12_900]


def test_a_deal_that_was_stopped_counts_for_the_grace_after_that(shop):
    make_deal(shop, stopped_at=NOW + timedelta(minutes=1))
    stopped = NOW + timedelta(minutes=1)
    assert price(shop, stopped + 7.9 * SECOND)[1] == PriceKind.FLASH
    assert price(shop, stopped + 8 * SECOND)[1] == PriceKind.REGULAR


def test_a_deal_that_was_stopped_before_it_began_never_counts(shop):
    make_deal(shop, start=1, stopped_at=NOW + timedelta(minutes=1) - 3 * SECOND)
    assert price(shop, NOW + timedelta(minutes=1))[1] == PriceKind.REGULAR


def test_a_deal_that_is_sold_out_does_not_count(shop):
    deal = make_deal(shop, quantity=3, left=1)
    assert price(shop)[0] == 9_900
    FlashDeal.objects.filter(pk=deal.pk).update(left=0)
    assert price(shop)[0] == 12_900


def test_the_lowest_of_all_prices_counts(shop):
    make_deal(shop, 9_900)
    make_deal(shop, 9_000)
    set_live(shop, 9_500)
    assert price(shop) == (9_000, PriceKind.FLASH)
    set_live(shop, 8_000)
    assert price(shop) == (8_000, PriceKind.LIVE)
    Product.objects.update(price=7_000)  # the seller lowered the usual price meanwhile
    shop.product.refresh_from_db()
    assert price(shop) == (7_000, PriceKind.REGULAR)


def test_a_variants_extra_price_comes_on_top_of_each(shop):
    shop.product.variants.update(extra_price=500)
    make_deal(shop)
    found = price_of(shop.variant, item_of(shop), NOW)
    assert (found.unit, found.regular) == (10_400, 13_400)


def test_the_question_names_the_new_price_and_why(shop):
    item = item_of(shop)
    regular = price_of(shop.variant, item, NOW)
    assert price_change(regular, seen=9_900, item=item) == "가격이 바뀌었어요. 12,900원에 살까요?"
    make_deal(shop, start=-20)
    item = item_of(shop)
    assert price_change(regular, seen=9_900, item=item) == "특가가 끝났어요. 12,900원에 살까요?"
    assert price_change(regular, seen=11_900, item=item) == "가격이 바뀌었어요. 12,900원에 살까요?"
    make_deal(shop, 8_900)
    flash = price_of(shop.variant, item_of(shop), NOW)
    assert price_change(flash, seen=12_900, item=item) == "특가가 시작됐어요. 8,900원에 살까요?"
    assert price_change(regular) == "가격이 바뀌었어요. 12,900원에 살까요?"


def test_a_line_up_gets_its_prices_in_one_query(shop, django_assert_num_queries):
    make_deal(shop)
    items = list(LineupItem.objects.with_products().select_related("broadcast"))
    template = Template(
        "{% load prices %}{% with_prices items as items %}"
        "{% for item in items %}{{ item.shown.unit }} {{ item.deal_state }}{% endfor %}"
    )
    with django_assert_num_queries(1):
        text = template.render(Context({"items": items}))
    assert text.startswith("9900 {")
    assert shop.product.code in text
