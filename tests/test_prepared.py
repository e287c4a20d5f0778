"""`common.prepared` on the shop's own tables."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from catalog.models import Product, Stock, Variant
from common.prepared import Prepared, PreparedDelete, PreparedUpdate, insert, update
from orders.models import Cart, CartLine, Checkout, OrderLog
from orders.tests.shop import open_shop
from tests.makers import make_product

pytestmark = pytest.mark.django_db

WITH_SELLER = Prepared(
    lambda pk: Variant.objects.select_related("product__seller", "product__shipping").filter(pk=pk)
)
OVER_AT = Prepared(lambda at: Checkout.objects.filter(expires_at__lte=at).order_by("pk"))
LOCKED = Prepared(lambda pk: Checkout.objects.select_for_update().filter(pk=pk))
TAKE = PreparedUpdate(
    lambda pk, count: (Stock.objects.filter(pk=pk, left__gte=count), {"left": F("left") - count})
)


def test_a_row_comes_with_what_was_selected_along(django_assert_num_queries):
    shop = open_shop()
    variant = shop.variant
    with django_assert_num_queries(1):
        found = WITH_SELLER.get(variant.pk)
        assert (found, found.product, found.product.seller) == (variant, shop.product, shop.seller)
        assert found.product.shipping is None
    read = Variant.objects.get(pk=variant.pk)
    assert {field.attname: getattr(found, field.attname) for field in Variant._meta.concrete_fields} == {
        field.attname: getattr(read, field.attname) for field in Variant._meta.concrete_fields
    }


def test_each_call_has_its_own_values():
    shop = open_shop()
    for product in (shop.product, make_product(shop.seller)):
        assert WITH_SELLER.get(product.variants.get().pk).product == product


def test_deferred_fields_and_slices_work():
    shop = open_shop()
    by_name = Prepared(lambda seller: Product.objects.filter(seller=seller).only("name").order_by("pk")[:1])
    found = by_name.first(shop.seller.pk)
    assert found is not None
    assert {"description", "price"} <= found.get_deferred_fields()
    assert found.price == shop.product.price


def test_moments_are_compared_as_moments():
    checkout = open_shop().hold()
    [found] = OVER_AT.rows(checkout.expires_at)
    assert (found, found.expires_at, found.idempotency_key) == (
        checkout,
        checkout.expires_at,
        checkout.idempotency_key,
    )
    assert OVER_AT.rows(checkout.expires_at - timedelta(seconds=1)) == []
    assert OVER_AT.first(timezone.now() - timedelta(days=1)) is None


def test_what_is_not_there_is_said_in_the_words_of_the_model():
    with pytest.raises(Variant.DoesNotExist):
        WITH_SELLER.get(0)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_only_in_a_transaction():
    checkout = open_shop().hold()
    with transaction.atomic():
        assert LOCKED.get(checkout.pk) == checkout
    with pytest.raises(transaction.TransactionManagementError):
        LOCKED.get(checkout.pk)


def test_there_may_be_any_number_of_values():
    shop = open_shop()
    ids = [shop.variant.pk, make_product(shop.seller).variants.get().pk]
    some = Prepared(lambda *ids: Variant.objects.filter(pk__in=ids).order_by("pk"))
    for count in (1, 2):
        assert [variant.pk for variant in some.rows(*ids[:count])] == sorted(ids[:count])


def test_an_update_counts_the_rows_it_found():
    stock = Stock.objects.get(variant=open_shop(stock=10).variant)
    assert TAKE(stock.pk, 10) == 1
    assert TAKE(stock.pk, 1) == 0
    stock.refresh_from_db()
    assert stock.left == 0


def test_a_delete_counts_the_rows_that_went():
    shop = open_shop()
    CartLine.objects.create(
        cart=Cart.objects.create(member=shop.buyer), variant=shop.variant, quantity=1, seen_price=1
    )
    empty = PreparedDelete(
        lambda member: CartLine.objects.filter(cart__in=Cart.objects.filter(member=member).values("pk"))
    )
    assert [empty(shop.buyer.pk), empty(shop.buyer.pk)] == [1, 0]


def test_new_rows_get_their_ids_and_times():
    order = open_shop().hold().orders.get()
    before = timezone.now()
    logs = [OrderLog(order=order, type=f"order.{number}") for number in range(3)]
    insert(*logs)
    assert [OrderLog.objects.get(pk=log.pk).type for log in logs] == ["order.0", "order.1", "order.2"]
    assert all(log.at >= before for log in logs)
    logs[0].note = "kept"
    logs[0].save()
    assert OrderLog.objects.filter(order=order).count() == 3


def test_a_broken_rule_of_the_table_is_an_error():
    checkout = open_shop().hold()
    twin = Checkout(
        idempotency_key=checkout.idempotency_key, goods=1, total=1, expires_at=checkout.expires_at
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(twin)
    assert Checkout.objects.get() == checkout


def test_only_the_named_fields_are_written():
    checkout = open_shop().hold()
    checkout.ship_name, checkout.ship_address = "김하늘", "not written"
    update(checkout, "ship_name")
    kept = Checkout.objects.get(pk=checkout.pk)
    assert (kept.ship_name, kept.ship_address) == ("김하늘", "")
