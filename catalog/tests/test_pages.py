import re

import pytest
from django.urls import reverse

from catalog.actions import NewVariant, StoredImage, change_product, create_product
from catalog.models import Category, Product, ShippingRule
from catalog.stock import move_stock
from tests.makers import make_category, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member(nickname="다정상회")


def page(client, product):
    return client.get(reverse("catalog:product", args=[product.code]))


def test_a_products_page_says_what_it_costs_to_have_it(client, seller):
    rule = ShippingRule.objects.create(
        seller=seller, name="택배", fee=3_000, free_from=50_000, remote_fee=4_000
    )
    product = make_product(
        seller, name="머그", price=28_000, shipping=rule, return_days=14, return_terms="상자도 함께요."
    )
    html = page(client, product).content.decode()
    for text in (
        "28,000원",
        "배송비 3,000원",
        "50,000원부터 무료",
        "제주·도서산간 4,000원 추가",
        "14일 안에",
        "상자도 함께요.",
        "다정상회",
    ):
        assert text in html
    assert 'property="og:title" content="머그"' in html
    assert f'rel="canonical" href="http://testserver/products/{product.code}/"' in html


def test_every_choice_can_be_bought_unless_it_is_sold_out(client, seller):
    product = create_product(
        seller,
        name="셔츠",
        price=20_000,
        category=Category.objects.get(slug="fashion"),
        option_names=["사이즈"],
        variants=[
            NewVariant(values=("M",), stock=3),
            NewVariant(values=("L",), stock=0, extra_price=1_000),
            NewVariant(values=("XL",), stock=9, active=False),
        ],
    )
    html = page(client, product).content.decode()
    medium, large, extra = product.variants.all()
    assert f'value="{medium.code}"' in html
    assert "21,000원" not in html  # sold out: said instead of the price
    assert reverse("orders:waiting", args=[large.code]) in html
    assert extra.code not in html
    assert f'action="{reverse("orders:cart_add")}"' in html
    assert f'formaction="{reverse("orders:buy_now")}"' in html
    assert 'name="price" value="20000"' in html


@pytest.mark.parametrize("state", [Product.State.PAUSED, Product.State.ENDED])
def test_what_is_not_on_sale_has_its_page_but_no_way_to_buy_it(client, seller, state):
    product = make_product(seller)
    change_product(product.pk, by=seller, state=state)
    response = page(client, product)
    assert response.status_code == 200
    assert reverse("orders:cart_add") not in response.content.decode()


def test_sellers_do_not_buy_from_themselves_but_may_edit(client, seller):
    product = make_product(seller)
    client.force_login(seller)
    html = page(client, product).content.decode()
    assert reverse("orders:cart_add") not in html
    assert reverse("catalog:edit", args=[product.code]) in html


def test_second_hand_things_tell_their_state_and_take_offers(client, seller):
    product = make_product(seller, deal="second_hand", condition="good", place="마포구 합정동")
    html = page(client, product).content.decode()
    assert "사용감 적음" in html
    assert "마포구 합정동" in html
    assert reverse("orders:offer_slot", args=[product.code]) in html


def test_a_description_is_shown_clean(client, seller):
    product = make_product(seller)
    Product.objects.filter(pk=product.pk).update(description="<h3>소재</h3><script>alert(1)</script>")
    html = page(client, product).content.decode()
    assert "<h3>소재</h3>" in html
    assert "alert(1)" not in html


def test_pictures_stand_with_their_sizes(client, seller):
    images = [StoredImage(name=f"images/{n}.webp", width=640, height=480) for n in "12"]
    product = create_product(seller, name="컵", price=1_000, category=Category.objects.first(), images=images)
    html = page(client, product).content.decode()
    assert 'src="/media/images/1.webp" width="640" height="480"' in html
    assert 'property="og:image" content="http://testserver/media/images/1.webp"' in html
    assert html.count("data-thumb") == 2


def test_an_unknown_product_or_category_is_not_found(client):
    assert client.get(reverse("catalog:product", args=["unknown"])).status_code == 404
    assert client.get(reverse("catalog:category", args=["unknown"])).status_code == 404


def test_a_products_page_takes_the_same_queries_whatever_it_has(client, seller, django_assert_num_queries):
    plain = make_product(seller)
    page(client, plain)  # keeps the categories
    variants = [NewVariant(values=(str(n),), stock=n) for n in range(20)]
    images = [StoredImage(name=f"images/{n}.webp", width=8, height=8) for n in range(10)]
    rich = create_product(
        seller,
        name="셔츠",
        price=1_000,
        category=Category.objects.first(),
        option_names=["번호"],
        variants=variants,
        images=images,
    )
    for product in (plain, rich):
        with django_assert_num_queries(
            3
        ):  # the product with what it belongs to, pictures, choices with stock
            page(client, product)


def test_a_category_lists_what_is_in_it_and_leads_further(client, seller):
    outdoors = make_category(name="야외")
    camping = make_category(name="캠핑", parent=outdoors)
    for number in range(25):
        make_product(seller, name=f"의자 {number:02}", category=camping, price=1_000 + number)
    address = reverse("catalog:category", args=[outdoors.slug])
    first = client.get(address)
    html = first.content.decode()
    assert "의자 24" in html
    assert "의자 00" not in html
    assert reverse("catalog:category", args=[camping.slug]) in html
    after = first.context["page"].after
    assert f"?sort=new&amp;after={after}" in html
    last = client.get(address, {"after": after})
    assert [card.name for card in last.context["page"].cards] == ["의자 00"]
    cheapest = client.get(address, {"sort": "price"}).context["page"].cards
    assert [card.price for card in cheapest] == list(range(1_000, 1_024))


def test_a_search_finds_or_says_what_to_do(client, seller):
    make_product(seller, name="캠핑 의자 & 탁자")
    address = reverse("catalog:search")
    assert "캠핑 의자 &amp; 탁자" in client.get(address, {"q": "의자"}).content.decode()
    nothing = client.get(address, {"q": "<script>"}).content.decode()
    assert "찾는 상품이 없어요" in nothing
    assert "<script>‘" not in nothing
    assert "무엇을 찾으세요?" in client.get(address).content.decode()


def test_the_next_page_of_a_search_searches_for_the_same(client, seller):
    for _ in range(25):
        make_product(seller, name="A&B 의자")
    response = client.get(reverse("catalog:search"), {"q": "a&b 의자"})
    assert (
        f"?q=a%26b%20%EC%9D%98%EC%9E%90&amp;after={response.context['page'].after}"
        in response.content.decode()
    )


def test_new_products_have_a_page_and_its_empty_state(client, seller):
    address = reverse("catalog:new")
    assert "아직 파는 상품이 없어요" in client.get(address).content.decode()
    make_product(seller, name="첫 상품")
    assert "첫 상품" in client.get(address).content.decode()


@pytest.mark.parametrize("name", ["new", "search"])
def test_visitors_get_no_session(client, seller, name):
    make_product(seller)
    response = client.get(reverse(f"catalog:{name}"))
    assert "sessionid" not in response.cookies


def test_a_page_shows_every_change_at_once(client, seller):
    product = make_product(seller, name="머그", stock=5)
    variant = product.variants.get()
    assert "남은 수량 5개" in page(client, product).content.decode()
    move_stock(variant.pk, -4, kind="lost", by=seller)
    assert "남은 수량 1개" in page(client, product).content.decode()
    change_product(product.pk, by=seller, name="새 머그", description="새 설명", price=777_000)
    html = page(client, product).content.decode()
    assert all(text in html for text in ("새 머그", "새 설명", "777,000원"))
    rule = ShippingRule.objects.create(seller=seller, name="택배", fee=3_000)
    change_product(product.pk, by=seller, shipping=rule)
    ShippingRule.objects.update(fee=2_345)
    assert "2,345원" in page(client, product).content.decode()
    type(seller).objects.filter(pk=seller.pk).update(nickname="바뀐이름")
    assert "바뀐이름" in page(client, product).content.decode()


def test_each_visitor_has_a_form_of_their_own(client, seller):
    product = make_product(seller)
    first, second = (page(client, product).content.decode() for _ in range(2))
    keys = [re.search(r'name="key" value="([^"]+)"', html)[1] for html in (first, second)]
    tokens = [re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1] for html in (first, second)]
    assert keys[0] != keys[1]
    assert tokens[0] != tokens[1]
