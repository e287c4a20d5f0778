import pytest
from django.db import IntegrityError, transaction

from catalog import signals
from catalog.models import Stock, StockMovement
from catalog.stock import OutOfStock, give_back_stock, move_stock, take_stock
from tests.makers import make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Collect what `stock_changed` told."""
    news = []

    def note(*, variant_ids, **kwargs):
        news.append(variant_ids)

    signals.stock_changed.connect(note)
    yield news
    signals.stock_changed.disconnect(note)


def make_variant(stock=10):
    return make_product(make_member(), stock=stock).variants.get()


def left(variant):
    return Stock.objects.get(variant=variant).left


def test_taking_and_giving_back_move_the_count_and_the_version(told, django_capture_on_commit_callbacks):
    variant = make_variant(stock=5)
    with django_capture_on_commit_callbacks(execute=True):
        take_stock({variant.pk: 2})
    assert (left(variant), variant.stock.version) == (3, 1)
    with django_capture_on_commit_callbacks(execute=True):
        give_back_stock({variant.pk: 2})
    assert left(variant) == 5
    assert told == [[variant.pk], [variant.pk]]


def test_more_than_is_left_is_refused_with_what_is_left():
    variant = make_variant(stock=2)
    with pytest.raises(OutOfStock) as refusal:
        take_stock({variant.pk: 3})
    assert (refusal.value.variant_id, refusal.value.left) == (variant.pk, 2)
    assert left(variant) == 2


@pytest.mark.django_db(transaction=True)
def test_several_variants_are_taken_all_or_none(told):
    plenty, scarce = make_variant(stock=9), make_variant(stock=1)

    def take():
        with transaction.atomic():
            take_stock({plenty.pk: 1, scarce.pk: 2})

    with pytest.raises(OutOfStock):
        take()
    assert (left(plenty), left(scarce)) == (9, 1)
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_stock_is_taken_inside_a_transaction_only():
    variant = make_variant()
    with pytest.raises(AssertionError):
        take_stock({variant.pk: 1})
    assert left(variant) == 10


def test_the_database_itself_refuses_less_than_nothing():
    variant = make_variant()
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(variant=variant).update(left=-1)
    assert left(variant) == 10


def test_what_a_product_begins_with_is_its_first_movement():
    seller = make_member()
    variant = make_product(seller, stock=7).variants.get()
    movement = variant.movements.get()
    assert (movement.kind, movement.quantity, movement.by) == ("opening", 7, seller)
    assert not make_product(seller, stock=0).variants.get().movements.exists()


def test_a_seller_moves_pieces_in_and_out_and_the_reason_stays():
    variant, seller = make_variant(stock=5), make_member()
    move_stock(variant.pk, 3, kind="received", by=seller, reason="새 상자")
    move_stock(variant.pk, -2, kind="lost", by=seller, reason="깨짐")
    assert left(variant) == 6
    kept = variant.movements.exclude(kind="opening").order_by("pk")
    assert list(kept.values_list("kind", "quantity", "reason")) == [
        ("received", 3, "새 상자"),
        ("lost", -2, "깨짐"),
    ]


@pytest.mark.django_db(transaction=True)
def test_more_than_is_left_does_not_go_out_and_leaves_no_movement():
    variant = make_variant(stock=1)
    with pytest.raises(OutOfStock):
        move_stock(variant.pk, -2, kind="lost", by=None)
    assert left(variant) == 1
    assert StockMovement.objects.filter(kind="lost").count() == 0


def test_a_movement_of_nothing_is_refused():
    variant = make_variant()
    with pytest.raises(IntegrityError), transaction.atomic():
        move_stock(variant.pk, 0, kind="counted", by=None)
