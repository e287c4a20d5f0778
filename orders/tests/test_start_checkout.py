"""Where buying begins: the sheet beside a show, buying at once, and what stands in the way."""

from uuid import uuid4

import pytest
import redis
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions import NewVariant, create_product
from catalog.models import ShippingRule, Stock
from orders.checkout.starting import HOLDS_A_MINUTE
from orders.models import Checkout, FlashDeal
from orders.tests.shop import let_time_run_out
from tests.makers import make_broadcast, make_member, make_product

SHEET = {"HX-Request": "true"}
START = reverse("orders:buy_now")


def sheet_of(shop, product=None):
    return reverse("orders:buy", args=[shop.broadcast.code, (product or shop.product).code])


def wish(shop, **changes):
    return {
        "variant": shop.variant.code,
        "quantity": "1",
        "broadcast": shop.broadcast.code,
        "key": str(uuid4()),
        **changes,
    }


def templates(response):
    return [template.name for template in response.templates]


@pytest.fixture(params=["guest", "member"])
def browser(request, client, shop):
    if request.param == "member":
        client.force_login(shop.buyer)
    return client


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
def test_the_sheet_shows_options_price_and_shipping(browser, shop, headers):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3000, free_from=50_000)
    sizes = [
        NewVariant(values=("S",), stock=0),
        NewVariant(values=("M",), stock=3),
        NewVariant(values=("L",), stock=9, extra_price=2000),
    ]
    shirt = create_product(
        shop.seller,
        name="셔츠",
        price=20_000,
        category=shop.product.category,
        variants=sizes,
        option_names=["사이즈"],
        shipping=rule,
    )
    shop.broadcast.lineup.create(product=shirt, live_price=18_000)
    response = browser.get(sheet_of(shop, shirt), headers=headers)
    choices = response.context["choices"]
    assert [(c.variant.name, c.price.unit, c.left, c.chosen) for c in choices] == [
        ("S", 18_000, 0, False),
        ("M", 18_000, 3, True),
        ("L", 20_000, 9, False),
    ]
    page = response.content.decode()
    for part in ("18,000원", "20,000원", "3,000원", "50,000원부터 무료", "21,000원", "방송가"):
        assert part in page
    assert ("<html" in page) is (not headers)


def test_each_form_has_a_key_of_its_own(client, shop):
    keys = {client.get(sheet_of(shop)).context["key"] for _ in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
def test_buying_takes_a_hold_and_goes_to_the_checkout(browser, shop, headers):
    response = browser.post(START, wish(shop, quantity="2"), headers=headers)
    checkout = Checkout.objects.get()
    assert response.headers["Location"] == reverse("orders:checkout", args=[checkout.code])
    assert (checkout.goods, checkout.status, shop.left) == (25_800, "open", 8)
    page = browser.get(response.headers["Location"], headers=headers)
    assert page.status_code == 200
    assert "orders/checkout/_checkout.html" in templates(page)


def test_a_members_goes_to_the_first_address_at_once(client, shop):
    client.force_login(shop.buyer)
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3000, remote_fee=4000)
    shop.product.shipping = rule
    shop.product.save(update_fields=["shipping"])
    shop.buyer.addresses.create(
        label="제주", name="구름", phone="010-1111-2222", postcode="63122", address="제주시", is_default=True
    )
    client.post(START, wish(shop))
    checkout = Checkout.objects.get()
    assert (checkout.ship_postcode, checkout.shipping, checkout.total) == ("63122", 7000, 19_900)


def test_pressing_twice_is_one_checkout(browser, shop):
    form = wish(shop)
    answers = [browser.post(START, form).headers["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert (Checkout.objects.count(), shop.left) == (1, 9)


def test_pressing_again_after_its_time_shows_that_it_is_over(browser, shop):
    form = wish(shop)
    browser.post(START, form)
    let_time_run_out(Checkout.objects.get())
    response = browser.post(START, form, follow=True)
    assert "결제 시간이 끝났어요" in response.content.decode()
    assert shop.left == 10


def test_a_key_of_somebody_else_gives_nothing_away(client, shop):
    form = wish(shop)
    client.force_login(shop.buyer)
    client.post(START, form)
    stranger = Client()
    response = stranger.post(START, form)
    assert (response.status_code, Checkout.objects.count()) == (409, 1)
    assert "이미 접수한 주문이에요." in response.content.decode()


def test_the_price_is_never_taken_from_the_form(browser, shop):
    response = browser.post(START, wish(shop, price="1", total="1", unit_price="1"))
    assert (response.status_code, Checkout.objects.count()) == (409, 0)


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
def test_another_price_than_the_one_shown_is_asked_about(browser, shop, headers):
    form = wish(shop, price="12900")
    shop.product.price = 13_900
    shop.product.save(update_fields=["price"])
    response = browser.post(START, form, headers=headers)
    assert response.status_code == 409
    page = response.content.decode()
    assert "12,900원" in page
    assert "13,900원" in page
    assert Checkout.objects.count() == 0
    browser.post(START, dict(response.context["fields"]), headers=headers)
    assert Checkout.objects.get().total == 13_900


def test_a_deal_that_ended_asks_again_at_the_new_price(client, shop, settings):
    settings.DEAL_GRACE_SECONDS = 0
    now = timezone.now()
    deal = FlashDeal.objects.create(
        item=shop.broadcast.lineup.get(),
        price=9900,
        starts_at=now - timezone.timedelta(minutes=5),
        ends_at=now + timezone.timedelta(minutes=5),
    )
    assert client.get(sheet_of(shop)).context["price"] == 9900
    FlashDeal.objects.filter(pk=deal.pk).update(ends_at=now)
    response = client.post(START, wish(shop, price="9900"))
    assert [(c["seen"], c["now"]) for c in response.context["changes"]] == [(9900, 12_900)]


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
@pytest.mark.parametrize(("left", "sentence"), [(0, "방금 품절됐어요"), (2, "2개만 남았어요")])
def test_who_comes_too_late_hears_what_is_left(browser, shop, left, sentence, headers):
    Stock.objects.update(left=left)
    response = browser.post(START, wish(shop, quantity="3"), headers=headers)
    assert response.status_code == 409
    assert sentence in response.content.decode()
    assert Checkout.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("scheduled", "방송이 시작되면 주문할 수 있어요."), ("cancelled", "취소된 방송이라 주문할 수 없어요.")],
)
def test_a_show_that_is_not_on_says_so(browser, shop, status, sentence):
    shop.broadcast.status = status
    shop.broadcast.save(update_fields=["status"])
    for response in (browser.get(sheet_of(shop), headers=SHEET), browser.post(START, wish(shop))):
        assert response.status_code == 409
        assert sentence in response.content.decode()
    assert Checkout.objects.count() == 0


def test_sellers_are_told_that_it_is_theirs(client, shop):
    client.force_login(shop.seller)
    for response in (client.get(sheet_of(shop)), client.post(START, wish(shop))):
        assert response.status_code == 409
        assert "내 상품은 주문할 수 없어요." in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("quantity", "0", "수량은 1개부터예요."),
        ("quantity", "두 개", "수량은 숫자로 적어 주세요."),
        ("key", "", "화면을 새로 열고 다시 주문해 주세요."),
        ("key", "nonsense", "화면을 새로 열고 다시 주문해 주세요."),
    ],
)
def test_a_wrong_answer_is_explained(browser, shop, field, value, sentence):
    response = browser.post(START, wish(shop, **{field: value}), headers=SHEET)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert (Checkout.objects.count(), shop.left) == (0, 10)


def test_what_does_not_exist_is_not_found(client, shop):
    elsewhere = make_product(shop.seller)
    assert client.get(sheet_of(shop, elsewhere)).status_code == 404
    assert client.get(reverse("orders:buy", args=["nosuchshow", shop.product.code])).status_code == 404
    assert client.post(START, wish(shop, variant="nosuchthing")).status_code == 404
    assert client.post(START, wish(shop, broadcast="nosuchshow")).status_code == 404
    assert client.post(START, wish(shop, variant=elsewhere.variants.get().code)).status_code == 404


def test_buying_outside_any_show_costs_the_usual_price(client, shop):
    shop.broadcast.lineup.update(live_price=9900)
    client.post(START, wish(shop, broadcast=""))
    assert Checkout.objects.get().total == 12_900


def test_a_cart_of_two_sellers_is_one_checkout_with_an_order_each(browser, shop):
    theirs = make_product(make_member(), price=5000)
    show = make_broadcast(theirs.seller, products=[theirs], status="live", started_at=timezone.now())
    for product, broadcast in ((shop.product, shop.broadcast), (theirs, show)):
        fields = {"variant": product.variants.get().code, "quantity": "2", "broadcast": broadcast.code}
        browser.post(reverse("orders:cart_add"), fields)
    codes = [shop.variant.code, theirs.variants.get().code]
    form = {"variant": codes, "key": str(uuid4())}
    answers = {browser.post(reverse("orders:cart_checkout"), form).headers["Location"] for _ in range(2)}
    checkout = Checkout.objects.get()
    assert answers == {reverse("orders:checkout", args=[checkout.code])}
    assert (checkout.total, checkout.orders.count(), checkout.from_cart) == (35_800, 2, True)
    assert browser.get(reverse("orders:cart")).context["unpaid"] == checkout


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"key": "nonsense"}, "화면을 새로 열고 다시 주문해 주세요."),
        ({"variant": []}, "살 상품을 골라 주세요."),
        ({"variant": ["nosuchthing"]}, "살 상품을 골라 주세요."),
    ],
)
def test_a_wrong_choice_goes_back_to_the_cart(client, shop, fields, sentence):
    client.post(reverse("orders:cart_add"), wish(shop))
    form = {"variant": [shop.variant.code], "key": str(uuid4())} | fields
    response = client.post(reverse("orders:cart_checkout"), form, follow=True)
    assert sentence in response.content.decode()
    assert Checkout.objects.count() == 0


def test_a_cart_with_too_few_left_goes_back_to_be_changed(client, shop):
    client.post(reverse("orders:cart_add"), wish(shop, quantity="5"))
    Stock.objects.update(left=2)
    form = {"variant": [shop.variant.code], "key": str(uuid4())}
    response = client.post(reverse("orders:cart_checkout"), form, follow=True)
    assert "그사이 남은 수량이 줄었어요." in response.content.decode()
    assert (Checkout.objects.count(), shop.left) == (0, 2)


def test_too_many_holds_a_minute_are_refused(browser, shop, monkeypatch):
    monkeypatch.setattr("common.limits.time", lambda: 1_800_000_000)
    form = wish(shop)
    for _ in range(HOLDS_A_MINUTE):
        assert browser.post(START, form).status_code == 302
    assert browser.post(START, wish(shop)).status_code == 429
    assert Checkout.objects.count() == 1
    other = Client()
    other.force_login(make_member())
    assert other.post(START, wish(shop)).status_code == 302


def test_buying_works_without_redis(browser, shop, monkeypatch):
    def no_redis(room=None):
        return redis.Redis(port=1, socket_connect_timeout=0.1)

    for name in ("common.limits.redis_client", "common.events.room_redis", "orders.admission.redis_client"):
        monkeypatch.setattr(name, no_redis)
    assert browser.post(START, wish(shop)).status_code == 302


def test_it_needs_the_csrf_token_and_the_right_method(client, shop):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(START, wish(shop)).status_code == 403
    assert client.get(START).status_code == 405
    assert client.post(sheet_of(shop)).status_code == 405
    assert Checkout.objects.count() == 0


def test_it_is_never_cached(client, shop):
    assert "no-store" in client.get(sheet_of(shop)).headers["Cache-Control"]
