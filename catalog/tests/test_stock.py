import pytest
from django.db import IntegrityError, transaction

from catalog import signals
from catalog.models import Stock
from catalog.stock import OutOfStock, give_back_stock, take_stock
from tests.makers import make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """Collect what `stock_changed` told."""
    news = []

    def note(*, product_ids, **kwargs):
        news.append(product_ids)

    signals.stock_changed.connect(note)
    yield news
    signals.stock_changed.disconnect(note)


def left(product):
    return Stock.objects.get(product=product).left


def test_taking_and_giving_back_move_the_count_and_the_version(told, django_capture_on_commit_callbacks):
    product = make_product(make_member(), stock=5)
    with django_capture_on_commit_callbacks(execute=True):
        take_stock({product.pk: 2})
    assert (left(product), product.stock.version) == (3, 0)
    product.stock.refresh_from_db()
    assert product.stock.version == 1
    with django_capture_on_commit_callbacks(execute=True):
        give_back_stock({product.pk: 2})
    assert left(product) == 5
    assert told == [[product.pk], [product.pk]]


def test_more_than_is_left_is_refused_with_what_is_left():
    product = make_product(make_member(), stock=2)
    with pytest.raises(OutOfStock) as refusal:
        take_stock({product.pk: 3})
    assert (refusal.value.product_id, refusal.value.left) == (product.pk, 2)
    assert left(product) == 2


@pytest.mark.django_db(transaction=True)
def test_several_products_are_taken_all_or_none(told):
    seller = make_member()
    plenty, scarce = make_product(seller, stock=9), make_product(seller, stock=1)

    def take():
        with transaction.atomic():
            take_stock({plenty.pk: 1, scarce.pk: 2})

    with pytest.raises(OutOfStock):
        take()
    assert (left(plenty), left(scarce)) == (9, 1)
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_stock_is_taken_inside_a_transaction_only():
    product = make_product(make_member())
    with pytest.raises(AssertionError):
        take_stock({product.pk: 1})
    assert left(product) == 10


def test_the_database_itself_refuses_less_than_nothing():
    product = make_product(make_member())
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(product=product).update(left=-1)
    assert left(product) == 10
