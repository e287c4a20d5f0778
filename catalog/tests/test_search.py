import unicodedata

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from catalog import listing
from catalog.actions import change_product
from catalog.listing import found
from catalog.models import Category, Product
from catalog.reindexing import reindex_products
from catalog.search import index_text, indexed, words_of
from tests.makers import make_category, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member(nickname="다정상회")


def names(page):
    return [card.name for card in page.cards]


@pytest.mark.parametrize(
    "query",
    [
        "재킷",
        "포근",
        "블렌드",
        "울",
        "울블렌드",
        "울 재킷",
        "재킷 포근",
        "다정",
        "다정상회 재킷",
        "패션",
        "WOOL",
        "Ｗｏｏｌ",
    ],
)
def test_every_part_of_name_category_and_seller_finds_it(seller, query):
    fashion = Category.objects.get(slug="fashion")
    make_product(seller, name="포근 울 블렌드 재킷 Wool", category=fashion)
    make_product(make_member(), name="손으로 빚은 머그", category=Category.objects.get(slug="living"))
    assert names(found(query)) == ["포근 울 블렌드 재킷 Wool"]


@pytest.mark.parametrize("query", ["재켓", "킷재", "재킷 머그", "울울", "%", "_", "재_", "\\"])
def test_what_is_not_in_it_does_not_find_it(seller, query):
    make_product(seller, name="포근 울 블렌드 재킷")
    assert names(found(query)) == []


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_no_words_find_nothing(seller, query):
    make_product(seller)
    assert names(found(query)) == []


def test_signs_are_found_as_they_are(seller):
    make_product(seller, name="순면 100% 티셔츠")
    make_product(seller, name="순면 1000 티셔츠")
    assert names(found("100%")) == ["순면 100% 티셔츠"]


def test_spaces_in_the_name_do_not_matter(seller):
    make_product(seller, name="캠핑 의자")
    assert names(found("캠핑의자")) == ["캠핑 의자"]
    assert names(found("핑의")) == ["캠핑 의자"]


def test_hangul_typed_in_pieces_is_the_same(seller):
    make_product(seller, name="캠핑 의자")
    assert names(found(unicodedata.normalize("NFD", "의자"))) == ["캠핑 의자"]


def test_only_what_is_on_sale_is_found(seller):
    product = make_product(seller, name="캠핑 의자")
    change_product(product.pk, by=seller, state=Product.State.PAUSED)
    assert names(found("의자")) == []


def test_a_new_name_is_found_at_once_and_the_old_one_no_more(seller):
    product = make_product(seller, name="캠핑 의자")
    change_product(product.pk, by=seller, name="등산 스틱")
    assert names(found("스틱")) == ["등산 스틱"]
    assert names(found("의자")) == []


def test_pages_follow_one_another_without_gaps_or_doubles(seller, monkeypatch):
    for number in range(7):
        make_product(seller, name=f"의자 {number}")
        make_product(seller, name=f"머그 {number}")
    # Both ways of looking: among the newest few, and by the index.
    for newest_searched in (2, 1_000):
        monkeypatch.setattr(listing, "NEWEST_SEARCHED", newest_searched)
        seen, after = [], ""
        while True:
            page = found("의자", after=after, size=3)
            seen += names(page)
            after = page.after
            if not after:
                break
        assert seen == [f"의자 {number}" for number in reversed(range(7))]


def test_reindexing_writes_only_what_changed(seller):
    product = make_product(seller, name="캠핑 의자", category=make_category(name="야영"))
    make_product(seller, name="머그")
    User.objects.filter(pk=seller.pk).update(nickname="새이름")
    Product.objects.exclude(pk=product.pk).update(search_text="")
    assert names(found("새이름")) == []
    assert reindex_products() == 2
    assert reindex_products() == 0
    assert sorted(names(found("새이름"))) == ["머그", "캠핑 의자"]
    assert names(found("야영")) == ["캠핑 의자"]


def test_the_command_says_how_many(seller, capsys):
    make_product(seller)
    Product.objects.update(search_text="")
    call_command("reindex_products")
    assert capsys.readouterr().out == "1 products changed\n"


def test_every_word_is_whole_pieces_of_what_is_indexed(seller):
    product = make_product(seller, name="포근 울 블렌드 재킷")
    pieces = set(index_text(product).split())
    for word in words_of("울블렌드 재킷 포근울"):
        assert {word[at : at + 2] for at in range(len(word) - 1)} <= pieces


@pytest.mark.postgres
def test_a_rare_word_is_found_through_the_index(seller):
    make_product(seller, name="포근 울 블렌드 재킷")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = indexed(Product.objects.all(), ["재킷"]).explain()
    assert "catalog_product_pieces" in plan
