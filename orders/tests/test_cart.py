"""The cart: what is put in stays, joins the member's at sign-in, and is never charged at a price nobody saw."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.actions import NewVariant, create_product
from catalog.models import Product, ShippingRule, Stock
from orders.cart.actions import CartFull, forget_old_carts, merge, put_in
from orders.cart.cookie import COOKIE
from orders.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine, Checkout
from tests.makers import PASSWORD, make_broadcast, make_category, make_member, make_product

SHEET = {"HX-Request": "true"}
CART = reverse("orders:cart")


def add(client, shop, product=None, *, quantity=1, headers=None, **fields):
    product = product or shop.product
    values = {"variant": product.variants.first().code, "quantity": quantity}
    if product == shop.product:
        values["broadcast"] = shop.broadcast.code
    return client.post(reverse("orders:cart_add"), values | fields, headers=headers or {})


def lines_of(member=None):
    lines = CartLine.objects.filter(cart__member=member)
    return {line.variant.product.name: line.quantity for line in lines.select_related("variant__product")}


def act(client, name, variant, headers=None, **fields):
    return client.post(reverse(f"orders:cart_{name}", args=[variant.code]), fields, headers=headers or {})


def test_a_guest_has_no_cart_and_no_cookie_until_something_is_put_in(client, shop):
    response = client.get(CART)
    assert response.status_code == 200
    assert "장바구니가 비어 있어요" in response.content.decode()
    assert (COOKIE in client.cookies, Cart.objects.count()) == (False, 0)
    response = add(client, shop)
    assert response.headers["Location"] == CART
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert lines_of() == {"울 자켓": 1}


def test_nothing_is_made_for_what_cannot_be_put_in(client, shop):
    Product.objects.filter(pk=shop.product.pk).update(state=Product.State.PAUSED)
    response = add(client, shop)
    assert response.status_code == 409
    assert "지금은 판매하지 않는 상품이에요." in response.content.decode()
    assert (Cart.objects.count(), COOKIE in client.cookies) == (0, False)


def test_a_changed_cookie_finds_nothing(client, shop):
    add(client, shop)
    token = Cart.objects.get().token
    client.cookies[COOKIE] = token
    assert client.get(CART).context["contents"].groups == []


def test_two_guests_and_a_member_do_not_see_each_others_carts(client, shop):
    add(client, shop)
    other = Client()
    assert other.get(CART).context["contents"].groups == []
    other.force_login(make_member())
    assert other.get(CART).context["contents"].groups == []
    for name in ("quantity", "price", "remove"):
        assert act(other, name, shop.variant, quantity="5", price="1").status_code == 302
    line = CartLine.objects.get()
    assert (line.quantity, line.seen_price) == (1, 12_900)


def test_putting_in_again_adds_up_to_the_most(client, shop):
    for _ in range(2):
        add(client, shop, quantity=3)
    assert lines_of() == {"울 자켓": 6}
    add(client, shop, quantity=MAX_QUANTITY)
    assert lines_of() == {"울 자켓": MAX_QUANTITY}


def test_a_cart_holds_so_many_things(shop):
    cart = Cart.objects.create(member=shop.buyer)
    others = [NewVariant(values=(str(number),), stock=1) for number in range(MAX_LINES)]
    product = create_product(
        shop.seller, name="양말", price=1000, category=shop.product.category, variants=others
    )
    for variant in product.variants.select_related("product"):
        put_in(cart, variant, 1, broadcast=None)
    with pytest.raises(CartFull):
        put_in(cart, shop.variant, 1, broadcast=None)
    assert cart.lines.count() == MAX_LINES


def test_sellers_do_not_put_their_own_goods_in(client, shop):
    client.force_login(shop.seller)
    assert "내 상품은 주문할 수 없어요." in add(client, shop).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"quantity": "0"}, "수량은 1개부터예요."),
        ({"quantity": "100"}, "한 번에 99개까지"),
        ({"quantity": ""}, "수량을 적어 주세요."),
        ({"variant": "not a code"}, "화면을 새로 열고"),
    ],
)
def test_a_wrong_answer_is_explained(client, shop, fields, sentence):
    response = add(client, shop, **fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Cart.objects.count() == 0


def test_what_does_not_exist_is_not_found(client, shop):
    assert add(client, shop, variant="nosuchthing").status_code == 404
    assert add(client, shop, broadcast="nosuchshow").status_code == 404
    elsewhere = make_product(shop.seller)
    assert add(client, shop, elsewhere, broadcast=shop.broadcast.code).status_code == 404


def test_signing_in_keeps_everything_once(client, shop):
    member = make_member(username="haneul")
    lamp, sock = make_product(shop.seller, name="조명"), make_product(shop.seller, name="양말")
    own = Cart.objects.create(member=member)
    put_in(own, lamp.variants.get(), 2, broadcast=None)
    put_in(own, shop.variant, 1, broadcast=None)
    add(client, shop, quantity=3)
    add(client, shop, sock)
    client.post(reverse("account_login"), {"login": "haneul", "password": PASSWORD})
    assert lines_of(member) == {"조명": 2, "울 자켓": 3, "양말": 1}
    assert CartLine.objects.get(variant=shop.variant).broadcast == shop.broadcast
    assert Cart.objects.filter(member=None).count() == 0
    client.post(reverse("account_logout"))
    assert client.get(CART).context["contents"].groups == []
    add(client, shop)
    assert lines_of() == {"울 자켓": 1}


def test_merging_twice_changes_nothing(shop):
    guest, again = Cart.objects.create(), None
    put_in(guest, shop.variant, 2, broadcast=None)
    again = Cart.objects.get(pk=guest.pk)
    merge(guest, shop.buyer)
    merge(again, shop.buyer)
    assert lines_of(shop.buyer) == {"울 자켓": 2}


def test_what_is_put_into_a_cart_that_was_just_merged_is_not_lost(shop):
    guest = Cart.objects.create()
    stale = Cart.objects.get(pk=guest.pk)
    put_in(guest, shop.variant, 2, broadcast=None)
    merge(guest, shop.buyer)
    line = put_in(stale, shop.variant, 1, broadcast=None)
    assert (line.cart.member, line.cart_id == stale.pk) == (None, False)
    assert (lines_of(shop.buyer), lines_of()) == ({"울 자켓": 2}, {"울 자켓": 1})


def test_a_member_finds_the_cart_on_every_device(client, shop):
    client.force_login(shop.buyer)
    add(client, shop, quantity=2)
    assert COOKIE not in client.cookies
    phone = Client()
    phone.force_login(shop.buyer)
    assert [item.line.quantity for item in phone.get(CART).context["contents"].items] == [2]


def test_the_first_screen_shows_the_whole_price(client, shop):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3000, free_from=30_000)
    Product.objects.filter(pk=shop.product.pk).update(shipping=rule)
    other_seller = make_member()
    theirs = make_product(other_seller, price=5000)
    add(client, shop, quantity=2)
    add(client, shop, theirs)
    contents = client.get(CART).context["contents"]
    assert [(group.goods, group.shipping) for group in contents.groups] == [(25_800, 3000), (5000, 0)]
    assert contents.total == 33_800
    act(client, "quantity", shop.variant, quantity="3")
    contents = client.get(CART).context["contents"]
    assert (contents.goods, contents.shipping, contents.total) == (43_700, 0, 43_700)


def test_only_what_is_ticked_counts(client, shop):
    lamp = make_product(shop.seller, name="조명", price=5000)
    add(client, shop)
    add(client, shop, lamp)
    response = client.post(
        reverse("orders:cart_ticked"), {"variant": [lamp.variants.get().code]}, headers=SHEET
    )
    assert response.context["contents"].total == 5000
    assert "<html" not in response.content.decode()
    response = client.post(reverse("orders:cart_ticked"), {}, headers=SHEET)
    assert response.context["contents"].total == 0
    assert "살 상품을 골라 주세요" in response.content.decode()


def test_stepping_and_removing(client, shop):
    add(client, shop)
    act(client, "quantity", shop.variant, quantity="4")
    assert lines_of() == {"울 자켓": 4}
    for nonsense in ("", "-3", "many", "²"):
        act(client, "quantity", shop.variant, quantity=nonsense)
    assert lines_of() == {"울 자켓": 4}
    act(client, "quantity", shop.variant, quantity="0")
    assert lines_of() == {"울 자켓": 1}
    response = act(client, "remove", shop.variant, headers=SHEET)
    assert "장바구니가 비어 있어요" in response.content.decode()
    assert lines_of() == {}


def test_a_changed_price_is_asked_about_and_never_charged_silently(client, shop):
    client.force_login(shop.buyer)
    add(client, shop)
    Product.objects.filter(pk=shop.product.pk).update(price=13_900)
    page = client.get(CART)
    assert "가격이 12,900원에서 13,900원으로 바뀌었어요" in page.content.decode()
    assert page.context["contents"].total == 0
    code = shop.variant.code
    response = client.post(
        reverse("orders:cart_checkout"), {"variant": [code], "key": str(uuid4())}, follow=True
    )
    assert "가격이 바뀐 상품이 있어요." in response.content.decode()
    assert Checkout.objects.count() == 0
    page = client.post(f"{reverse('orders:cart_price', args=[code])}?tick", {"price": "13900"}, headers=SHEET)
    assert page.context["contents"].total == 13_900
    client.post(reverse("orders:cart_checkout"), {"variant": [code], "key": str(uuid4())})
    assert Checkout.objects.get().total == 13_900


def test_a_page_that_showed_an_older_price_is_asked_about_too(client, shop):
    add(client, shop, price="11900")
    assert "가격이 11,900원에서 12,900원으로 바뀌었어요" in client.get(CART).content.decode()
    act(client, "remove", shop.variant)
    add(client, shop, price="12900")
    assert client.get(CART).context["contents"].total == 12_900


def test_accepting_another_price_than_the_one_of_now_buys_nothing(client, shop):
    client.force_login(shop.buyer)
    add(client, shop)
    act(client, "price", shop.variant, price="1")
    client.post(reverse("orders:cart_checkout"), {"variant": [shop.variant.code], "key": str(uuid4())})
    assert Checkout.objects.count() == 0


def test_what_is_sold_out_or_gone_from_sale_says_so(client, shop):
    lamp = make_product(shop.seller, name="조명")
    few = make_product(shop.seller, name="컵", stock=9)
    add(client, shop)
    add(client, shop, lamp)
    add(client, shop, few, quantity=5)
    Stock.objects.filter(variant=shop.variant).update(left=0)
    Stock.objects.filter(variant__product=few).update(left=2)
    Product.objects.filter(pk=lamp.pk).update(state=Product.State.ENDED)
    page = client.get(CART)
    for sentence in ("품절됐어요.", "2개만 남았어요", "지금은 판매하지 않는 상품이에요."):
        assert sentence in page.content.decode()
    assert page.context["contents"].bought == []


def test_a_cancelled_show_takes_its_price_but_not_the_goods(client, shop):
    shop.broadcast.lineup.update(live_price=9900)
    add(client, shop)
    assert client.get(CART).context["contents"].total == 9900
    shop.broadcast.status = "cancelled"
    shop.broadcast.save(update_fields=["status"])
    item = client.get(CART).context["contents"].items[0]
    assert (item.price.unit, item.price_changed, item.refusal, item.wanted.broadcast_id) == (
        12_900,
        True,
        "",
        None,
    )


def test_a_longer_cart_needs_no_more_queries(client, shop):
    client.force_login(shop.buyer)
    counts = []
    add(client, shop)
    for more in (0, 8):
        for _ in range(more):
            seller = make_member()
            product = make_product(seller)
            show = make_broadcast(seller, products=[product], status="live", started_at=timezone.now())
            add(client, shop, product, broadcast=show.code)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(CART).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


def test_the_header_counts_without_a_query_for_guests_who_have_none(client, shop, django_assert_num_queries):
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    from orders.cart.count import count_in_cart

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        assert count_in_cart(request) == 0
    add(client, shop)
    request.COOKIES[COOKIE] = client.cookies[COOKIE].value
    with django_assert_num_queries(1):
        assert count_in_cart(request) == 1
    request.user = shop.buyer
    with django_assert_num_queries(1):
        assert count_in_cart(request) == 0


def test_the_sheet_hears_that_it_is_in(client, shop):
    response = add(client, shop, headers=SHEET)
    page = response.content.decode()
    assert "장바구니에 담았어요" in page
    assert 'hx-swap-oob="outerHTML:[data-cart-count]"' in page
    assert COOKIE in response.cookies


def test_old_carts_of_guests_go_and_those_of_members_stay(shop):
    old = timezone.now() - timedelta(days=31)
    kept, gone, members = Cart.objects.create(), Cart.objects.create(), Cart.objects.create(member=shop.buyer)
    put_in(gone, shop.variant, 1, broadcast=None)
    Cart.objects.filter(pk__in=[gone.pk, members.pk]).update(changed_at=old)
    assert forget_old_carts() == 1
    assert set(Cart.objects.all()) == {kept, members}


def test_wrong_methods_are_refused_and_posts_need_the_token(client, shop):
    names = {"cart_add": [], "cart_ticked": [], "cart_checkout": []} | {
        f"cart_{name}": [shop.variant.code] for name in ("quantity", "price", "remove")
    }
    strict = Client(enforce_csrf_checks=True)
    for name, args in names.items():
        assert client.get(reverse(f"orders:{name}", args=args)).status_code == 405
        assert strict.post(reverse(f"orders:{name}", args=args)).status_code == 403
    assert client.post(CART).status_code == 405


def test_goods_handed_over_in_person_cost_no_shipping(client, shop):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3000)
    chair = make_product(
        shop.seller, name="의자", shipping=rule, deal=Product.Deal.DIRECT, category=make_category()
    )
    add(client, shop, chair)
    contents = client.get(CART).context["contents"]
    assert contents.shipping == 0
