from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.categories import category_tree
from catalog.listing import Place, cheapest, newest
from catalog.models import Product
from tests.makers import make_category, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def tree():
    """야외 › 캠핑 › 텐트, and 주방 beside it."""
    outdoors = make_category(name="야외")
    camping = make_category(name="캠핑", parent=outdoors)
    return {
        "outdoors": outdoors,
        "camping": camping,
        "tents": make_category(name="텐트", parent=camping),
        "kitchen": make_category(name="주방"),
    }


def node(category):
    return category_tree().by_slug[category.slug]


def all_of(listed, *args, size):
    seen, after = [], ""
    while True:
        page = listed(*args, after=after, size=size)
        seen += [card.pk for card in page.cards]
        after = page.after
        if not after:
            return seen


def test_a_category_shows_what_is_below_it_too(seller, tree):
    products = [
        make_product(seller, category=tree[name]) for name in ("tents", "outdoors", "kitchen", "camping")
    ]
    assert [card.pk for card in newest(node(tree["outdoors"])).cards] == [products[i].pk for i in (3, 1, 0)]
    assert [card.pk for card in newest(node(tree["camping"])).cards] == [products[i].pk for i in (3, 0)]
    assert [card.pk for card in newest(node(tree["tents"])).cards] == [products[0].pk]
    assert len(newest().cards) == 4


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_of_a_whole_family_have_no_gaps_and_no_doubles(seller, tree, size):
    places = ["tents", "outdoors", "camping"] * 4
    products = [
        make_product(seller, category=tree[name], price=1_000 + 500 * (number % 3))
        for number, name in enumerate(places)
    ]
    family = node(tree["outdoors"])
    assert all_of(newest, family, size=size) == [product.pk for product in reversed(products)]
    by_price = sorted(products, key=lambda product: (product.price, -product.pk))
    assert all_of(cheapest, family, size=size) == [product.pk for product in by_price]


def test_products_of_one_moment_are_all_listed(seller):
    products = [make_product(seller) for _ in range(5)]
    Product.objects.update(created_at=timezone.now() - timedelta(days=1))
    assert all_of(newest, size=2) == [product.pk for product in reversed(products)]


@pytest.mark.parametrize("after", ["x", "1", "-1-2", "1-", "²-1", "9" * 30 + "-1", "1-" + "9" * 17, "1-2-3"])
def test_a_place_that_nobody_wrote_begins_anew(seller, after):
    make_product(seller)
    assert Place.read(after) is None
    assert len(newest(after=after).cards) == 1
    assert len(cheapest(after=after).cards) == 1


def test_a_far_place_is_the_end(seller):
    make_product(seller)
    assert newest(after="0-1").cards == []
    assert cheapest(after=f"{2**40}-1").cards == []


def test_a_card_says_when_nothing_is_left(seller):
    make_product(seller, stock=0, name="없는 것")
    make_product(seller, stock=1, name="있는 것")
    assert {card.name: card.sold_out for card in newest().cards} == {"없는 것": True, "있는 것": False}


@pytest.mark.parametrize("count", [1, 10])
def test_the_queries_are_few_however_many_there_are(seller, tree, count, django_assert_num_queries):
    for _ in range(count):
        make_product(seller, category=tree["camping"])
    family = node(tree["tents"])
    with django_assert_num_queries(1):
        newest()
    with django_assert_num_queries(1):
        newest(family)
    with django_assert_num_queries(1):
        cheapest(family)


@pytest.mark.postgres
def test_a_list_reads_the_stock_of_what_it_lists_only(seller):
    make_product(seller)
    with CaptureQueriesContext(connection) as queries:
        newest()
    (statement,) = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "SubPlan" in plan
    assert "hashed SubPlan" not in plan
