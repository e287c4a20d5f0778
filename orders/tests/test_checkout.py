"""The checkout page: who sees it, what it asks, and that one press or ten make one payment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Product, ShippingRule
from common.errors import ProviderError
from orders.models import Cart, CartLine, Checkout, Payment, SandboxPayment
from orders.payments.sandbox import SandboxPayments
from orders.tests.shop import ADDRESS, choose, let_time_run_out
from tests.makers import make_member

SHEET = {"HX-Request": "true"}
GETS = ["checkout", "checkout_address", "checkout_state"]
POSTS = ["checkout_pay", "checkout_extend", "checkout_cancel", "checkout_again", "checkout_address"]
ANSWERS = {
    "ship_name": "김하늘",
    "ship_phone": "010-1234-5678",
    "ship_postcode": "04524",
    "ship_address": "서울 중구 세종대로 110",
    "ship_address_detail": "1층",
}


def url(name, checkout, *more):
    return reverse(f"orders:{name}", args=[checkout.code, *more])


def begin(client, shop, **changes):
    """Buy at once and return the checkout."""
    before = set(Checkout.objects.values_list("pk", flat=True))
    values = {"variant": shop.variant.code, "quantity": "1", "broadcast": shop.broadcast.code}
    client.post(reverse("orders:buy_now"), values | {"key": str(uuid4())} | changes)
    return Checkout.objects.exclude(pk__in=before).get()


def press(client, checkout, *, headers=None, **changes):
    checkout.refresh_from_db()
    fields = {"method": "sandbox", "agreed": "on", "total": str(checkout.total)} | changes
    kept = {name: value for name, value in fields.items() if value is not None}
    return client.post(url("checkout_pay", checkout), kept, headers=headers or {})


def come_back(client, checkout, choice):
    payment = checkout.payments.order_by("pk").last()
    choose(payment, choice)
    return client.get(url("checkout_return", checkout, payment.ref))


@pytest.fixture
def buyer(client, shop):
    client.force_login(shop.buyer)
    return client


@pytest.mark.parametrize("owner", ["guest", "member"])
def test_a_checkout_is_for_who_made_it_only(shop, owner):
    mine = Client()
    if owner == "member":
        mine.force_login(shop.buyer)
    checkout = begin(mine, shop)
    payment = Payment.objects.create(checkout=checkout, method="sandbox", amount=checkout.total)
    others = [Client(), Client(), Client(), Client()]
    people = [shop.seller, make_member(), make_member(is_staff=True, is_superuser=True)]
    for other, person in zip(others, people, strict=False):
        other.force_login(person)
    for other in others:
        for name in GETS:
            assert other.get(url(name, checkout)).status_code == 404
        for name in POSTS:
            assert other.post(url(name, checkout), {"key": str(uuid4())}).status_code == 404
        assert other.get(url("checkout_return", checkout, payment.ref)).status_code == 404
    checkout.refresh_from_db()
    assert (checkout.status, Checkout.objects.count()) == ("open", 1)
    for name in GETS:
        assert mine.get(url(name, checkout)).status_code == 200


def test_a_guests_checkout_stays_theirs_when_they_sign_in(client, shop):
    checkout = begin(client, shop)
    client.force_login(shop.buyer)
    assert client.get(url("checkout", checkout)).status_code == 200


def test_wrong_methods_are_refused_and_posts_need_the_token(client, shop):
    checkout = begin(client, shop)
    for name in ("checkout_pay", "checkout_extend", "checkout_cancel", "checkout_again"):
        assert client.get(url(name, checkout)).status_code == 405
    assert client.post(url("checkout", checkout)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    for name in POSTS:
        assert strict.post(url(name, checkout)).status_code == 403
    checkout.refresh_from_db()
    assert checkout.status == "open"


def test_the_first_screen_has_the_full_price_and_nothing_ticked(buyer, shop):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3000)
    Product.objects.filter(pk=shop.product.pk).update(shipping=rule)
    checkout = begin(buyer, shop, quantity="2")
    page = buyer.get(url("checkout", checkout)).content.decode()
    for part in ("28,800원 결제하기", "25,800원", "3,000원", "서울 중구 세종대로 110"):
        assert part in page
    agreed = page[page.index('name="agreed"') :].partition(">")[0]
    assert "checked" not in agreed


def test_the_clock_counts_by_the_server(buyer, shop, settings):
    settings.HOLD_SECONDS = 120
    checkout = begin(buyer, shop)
    left = buyer.get(url("checkout", checkout)).context["left_ms"]
    assert 110_000 < left <= 120_000


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
def test_paying_opens_the_payment_page(buyer, shop, headers):
    checkout = begin(buyer, shop, quantity="2")
    response = press(buyer, checkout, headers=headers)
    payment = SandboxPayment.objects.get()
    page = reverse("orders:sandbox", args=[payment.ref])
    if headers:
        assert f'src="{page}"' in response.content.decode()
    else:
        assert response.headers["Location"] == page
    assert payment.amount == 25_800
    assert payment.return_url == f"http://testserver{url('checkout_return', checkout, payment.ref)}"
    checkout.refresh_from_db()
    assert checkout.agreed_at is not None


def test_pressing_ten_times_is_one_payment_and_one_order(buyer, shop):
    checkout = begin(buyer, shop)
    addresses = {press(buyer, checkout).headers["Location"] for _ in range(10)}
    assert len(addresses) == 1
    assert (Payment.objects.count(), SandboxPayment.objects.count()) == (1, 1)
    for _ in range(3):
        assert come_back(buyer, checkout, "succeed").context["checkout"].status == "paid"
    for _ in range(3):
        assert "결제가 끝났어요" in buyer.get(url("checkout", checkout)).content.decode()
    assert press(buyer, checkout).headers["Location"] == url("checkout", checkout)
    order = checkout.orders.get()
    assert order.log.filter(type="order.paid").count() == 1
    assert (Payment.objects.count(), shop.left) == (1, 9)
    assert order.code in buyer.get(url("checkout", checkout)).content.decode()


@pytest.mark.parametrize("agreed", [None, ""])
def test_nothing_is_paid_without_consent(buyer, shop, agreed):
    checkout = begin(buyer, shop)
    response = press(buyer, checkout, agreed=agreed)
    assert response.status_code == 422
    assert "주문 내용을 확인하고 동의해 주세요." in response.content.decode()
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("method", ["", "cash"])
def test_an_unknown_method_is_refused(buyer, shop, method):
    checkout = begin(buyer, shop)
    assert press(buyer, checkout, method=method).status_code == 422
    assert Payment.objects.count() == 0


def test_a_guest_buys_without_an_account(client, shop):
    checkout = begin(client, shop)
    page = client.get(url("checkout", checkout)).content.decode()
    for name in ("email", *ANSWERS, "agreed", "method"):
        field = page.partition(f'name="{name}"')
        tag = field[0].rpartition("<")[2] + field[2].partition(">")[0]
        assert 'form="pay-form"' in tag, name
    response = press(client, checkout, **ANSWERS, email="")
    assert response.status_code == 422
    assert "이메일을 적어 주세요." in response.content.decode()
    assert press(client, checkout, **ANSWERS, email="guest@example.com").status_code == 302
    checkout.refresh_from_db()
    assert (checkout.buyer, checkout.email, checkout.address) == (None, "guest@example.com", ADDRESS)
    come_back(client, checkout, "succeed")
    page = client.get(url("checkout", checkout)).content.decode()
    assert "guest@example.com" in page
    assert checkout.orders.get().code in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ship_name", "", "받는 사람을 적어 주세요."),
        ("ship_phone", "12345", "휴대폰 번호를 010-1234-5678처럼 적어 주세요."),
        ("ship_postcode", "0452", "우편번호는 숫자 5자리예요."),
        ("ship_address", "", "주소를 적어 주세요."),
        ("email", "nobody", "올바른 이메일 주소를 입력하세요."),
    ],
)
def test_a_wrong_answer_of_a_guest_is_explained(client, shop, field, value, sentence):
    checkout = begin(client, shop)
    answers = ANSWERS | {"email": "guest@example.com"} | {field: value}
    response = press(client, checkout, headers=SHEET, **answers)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Payment.objects.count() == 0


def test_an_address_that_costs_more_is_asked_about_before_paying(client, shop):
    rule = ShippingRule.objects.create(seller=shop.seller, name="택배", fee=3000, remote_fee=4000)
    Product.objects.filter(pk=shop.product.pk).update(shipping=rule)
    checkout = begin(client, shop)
    answers = ANSWERS | {"email": "guest@example.com", "ship_postcode": "63122"}
    response = press(client, checkout, **answers)
    assert response.status_code == 409
    assert "결제 금액이 19,900원으로 바뀌었어요" in response.content.decode()
    assert "checked" not in response.content.decode().partition('name="agreed"')[2].partition(">")[0]
    assert Payment.objects.count() == 0
    assert press(client, checkout).status_code == 302
    assert Payment.objects.get().amount == 19_900


def test_what_a_guest_bought_leaves_the_cart_once(client, shop):
    add = {"variant": shop.variant.code, "quantity": "1", "broadcast": shop.broadcast.code}
    client.post(reverse("orders:cart_add"), add)
    client.post(reverse("orders:cart_checkout"), {"variant": [shop.variant.code], "key": str(uuid4())})
    checkout = Checkout.objects.get()
    press(client, checkout, **ANSWERS, email="guest@example.com")
    assert CartLine.objects.count() == 1
    come_back(client, checkout, "succeed")
    assert CartLine.objects.count() == 0
    client.post(reverse("orders:cart_add"), add)
    client.get(url("checkout", checkout))
    assert CartLine.objects.count() == 1


def test_what_a_member_bought_leaves_the_cart(buyer, shop):
    add = {"variant": shop.variant.code, "quantity": "1", "broadcast": shop.broadcast.code}
    buyer.post(reverse("orders:cart_add"), add)
    buyer.post(reverse("orders:cart_checkout"), {"variant": [shop.variant.code], "key": str(uuid4())})
    checkout = Checkout.objects.get()
    press(buyer, checkout)
    come_back(buyer, checkout, "fail")
    assert Cart.objects.get().lines.count() == 1
    buyer.post(reverse("orders:cart_checkout"), {"variant": [shop.variant.code], "key": str(uuid4())})
    second = Checkout.objects.latest("pk")
    press(buyer, second)
    come_back(buyer, second, "succeed")
    assert Cart.objects.get().lines.count() == 0


@pytest.mark.parametrize(
    ("choice", "status", "left", "words"),
    [
        ("succeed", "paid", 9, "결제가 끝났어요"),
        ("fail", "failed", 10, "결제가 되지 않았어요"),
        ("cancel", "cancelled", 10, "주문을 그만두었어요"),
        ("slow", "open", 9, "결제하기"),
    ],
)
def test_the_way_back_asks_the_provider(buyer, shop, choice, status, left, words):
    checkout = begin(buyer, shop)
    press(buyer, checkout)
    response = come_back(buyer, checkout, choice)
    assert f'data-status="{status}"' in response.content.decode()
    assert shop.left == left
    assert words in buyer.get(url("checkout", checkout)).content.decode()
    assert buyer.get(url("checkout_state", checkout)).json() == {"status": status}


def test_the_address_of_the_way_back_says_nothing(buyer, shop):
    checkout = begin(buyer, shop)
    press(buyer, checkout)
    ref = checkout.payments.get().ref
    claims = {"status": "paid", "outcome": "succeed", "amount": "12900"}
    response = buyer.get(url("checkout_return", checkout, ref), claims)
    assert response.context["checkout"].status == "open"
    assert buyer.get(url("checkout_return", checkout, "nosuchref")).status_code == 404
    theirs = begin(Client(), shop)
    assert buyer.get(url("checkout_return", theirs, ref)).status_code == 404


def test_a_slow_payment_resolves_by_looking_again(buyer, shop):
    checkout = begin(buyer, shop)
    press(buyer, checkout)
    assert "결제를 확인하고 있어요" in come_back(buyer, checkout, "slow").content.decode()
    SandboxPayment.objects.update(known_at=timezone.now())
    assert come_back(buyer, checkout, "slow").context["checkout"].status == "paid"


def test_a_provider_that_does_not_answer_leaves_everything_as_it_is(buyer, shop, monkeypatch):
    def down(self, *args):
        raise ProviderError("down")

    checkout = begin(buyer, shop)
    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "start", down)
        response = press(buyer, checkout)
    assert response.status_code == 422
    assert "결제 화면을 열지 못했어요." in response.content.decode()
    press(buyer, checkout)
    monkeypatch.setattr(SandboxPayments, "confirm", down)
    monkeypatch.setattr(SandboxPayments, "look_up", down)
    response = come_back(buyer, checkout, "succeed")
    assert (response.status_code, response.context["checkout"].status) == (200, "open")


def test_who_pays_too_late_is_told_about_the_refund(buyer, shop):
    checkout = begin(buyer, shop)
    press(buyer, checkout)
    choose(checkout.payments.get(), "succeed")
    let_time_run_out(checkout)
    ref = checkout.payments.get().ref
    for address in (url("checkout_return", checkout, ref), url("checkout", checkout)):
        page = buyer.get(address).content.decode()
        assert "결제 시간이 끝난 뒤에 결제됐어요." in page
        assert "환불" in page
        assert "결제된 금액은 없어요" not in page
    assert shop.left == 10


def test_only_our_own_pages_frame_the_way_back(buyer, shop):
    checkout = begin(buyer, shop)
    press(buyer, checkout)
    framed = buyer.get(url("checkout_return", checkout, checkout.payments.get().ref)).headers
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    alone = buyer.get(url("checkout", checkout)).headers
    assert alone["X-Frame-Options"] == "DENY"
    assert "no-store" in alone["Cache-Control"]


def test_one_extension_and_no_second_one(buyer, shop, settings):
    checkout = begin(buyer, shop)
    before = checkout.expires_at
    response = buyer.post(url("checkout_extend", checkout), headers=SHEET)
    assert "시간 늘리기" not in response.content.decode()
    assert response.templates[0].name == "orders/checkout/_clock.html"
    assert buyer.post(url("checkout_extend", checkout)).headers["Location"] == url("checkout", checkout)
    checkout.refresh_from_db()
    assert checkout.expires_at - before == timedelta(seconds=settings.HOLD_EXTENSION_SECONDS)


def test_what_ran_out_cannot_be_extended_or_paid(buyer, shop):
    checkout = begin(buyer, shop)
    let_time_run_out(checkout)
    buyer.post(url("checkout_extend", checkout))
    assert press(buyer, checkout).headers["Location"] == url("checkout", checkout)
    assert Payment.objects.count() == 0
    page = buyer.get(url("checkout", checkout)).content.decode()
    assert "결제 시간이 끝났어요" in page
    assert "다시 담기" in page
    assert shop.left == 10
    assert buyer.get(url("checkout_address", checkout)).headers["Location"] == url("checkout", checkout)


def test_cancelling_gives_the_goods_back_and_what_is_paid_stays(buyer, shop):
    checkout = begin(buyer, shop, quantity="3")
    assert buyer.post(url("checkout_cancel", checkout)).headers["Location"] == url("checkout", checkout)
    assert shop.left == 10
    paid = begin(buyer, shop)
    press(buyer, paid)
    come_back(buyer, paid, "succeed")
    buyer.post(url("checkout_cancel", paid))
    paid.refresh_from_db()
    assert (paid.status, shop.left) == ("paid", 9)


@pytest.mark.parametrize("person", ["guest", "member"])
def test_one_press_takes_a_new_hold_of_the_same(client, shop, person):
    if person == "member":
        client.force_login(shop.buyer)
    checkout = begin(client, shop, quantity="2")
    press(client, checkout, **ANSWERS, email="guest@example.com")
    come_back(client, checkout, "fail")
    checkout.refresh_from_db()
    page = client.get(url("checkout", checkout))
    assert "다시 결제하기" in page.content.decode()
    key = {"key": str(page.context["key"])}
    answers = {client.post(url("checkout_again", checkout), key).headers["Location"] for _ in range(2)}
    new = Checkout.objects.exclude(pk=checkout.pk).get()
    assert answers == {url("checkout", new)}
    assert (new.total, new.status, shop.left) == (25_800, "open", 8)
    assert (new.email, new.address) == (checkout.email, checkout.address)
    assert client.get(url("checkout", new)).status_code == 200


def test_again_asks_about_a_price_that_changed(buyer, shop):
    checkout = begin(buyer, shop)
    buyer.post(url("checkout_cancel", checkout))
    Product.objects.filter(pk=shop.product.pk).update(price=13_900)
    response = buyer.post(url("checkout_again", checkout), {"key": str(uuid4())})
    assert response.status_code == 409
    assert "13,900원" in response.content.decode()
    buyer.post(url("checkout_again", checkout), dict(response.context["fields"]))
    assert Checkout.objects.latest("pk").total == 13_900


def test_again_on_what_can_still_be_paid_goes_on_with_it(buyer, shop):
    checkout = begin(buyer, shop)
    response = buyer.post(url("checkout_again", checkout), {"key": str(uuid4())})
    assert response.headers["Location"] == url("checkout", checkout)
    assert Checkout.objects.count() == 1
    buyer.post(url("checkout_cancel", checkout))
    assert buyer.post(url("checkout_again", checkout), {"key": "nonsense"}).status_code == 422


def test_an_address_of_the_book_is_chosen(buyer, shop):
    book = {"name": "구름", "phone": "010-1111-2222", "address": "부산 중구 1"}
    office = shop.buyer.addresses.create(label="회사", postcode="48900", **book)
    theirs = make_member().addresses.create(label="남의 집", postcode="48901", **book)
    checkout = begin(buyer, shop)
    page = buyer.get(url("checkout_address", checkout))
    assert [place["value"] for place in page.context["places"]] == ["own", office.code]
    buyer.post(url("checkout_address", checkout), {"place": office.code})
    checkout.refresh_from_db()
    assert (checkout.ship_postcode, checkout.ship_name) == ("48900", "구름")
    assert buyer.post(url("checkout_address", checkout), {"place": theirs.code}).status_code == 422
    buyer.post(url("checkout_address", checkout), {"place": "own"})
    checkout.refresh_from_db()
    assert checkout.ship_postcode == shop.buyer.postcode


def test_a_new_address_joins_the_book_if_wished(buyer, shop):
    checkout = begin(buyer, shop)
    fields = ANSWERS | {"place": "new", "ship_postcode": "48900", "keep": "on"}
    for _ in range(2):
        buyer.post(url("checkout_address", checkout), fields)
    assert [address.postcode for address in shop.buyer.addresses.all()] == ["48900"]
    buyer.post(url("checkout_address", checkout), ANSWERS | {"place": "new", "ship_postcode": "48901"})
    checkout.refresh_from_db()
    assert (checkout.ship_postcode, shop.buyer.addresses.count()) == ("48901", 1)


def test_a_guest_changes_the_address_in_the_form(client, shop):
    checkout = begin(client, shop)
    press(client, checkout, **ANSWERS, email="guest@example.com")
    page = client.get(url("checkout_address", checkout), headers=SHEET).content.decode()
    assert "김하늘" in page
    assert "주소록" not in page
    client.post(url("checkout_address", checkout), ANSWERS | {"ship_postcode": "48900"}, headers=SHEET)
    checkout.refresh_from_db()
    assert checkout.ship_postcode == "48900"


def test_what_is_handed_over_in_person_needs_no_address(client, shop):
    Product.objects.filter(pk=shop.product.pk).update(deal=Product.Deal.DIRECT)
    checkout = begin(client, shop)
    assert 'name="ship_name"' not in client.get(url("checkout", checkout)).content.decode()
    assert press(client, checkout, email="guest@example.com").status_code == 302
