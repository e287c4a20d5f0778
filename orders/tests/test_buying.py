"""The pages of buying: the form, the payment beside the show, what a refusal looks like."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Stock
from common.errors import ProviderError
from orders.models import Order, SandboxPayment
from orders.payments.sandbox import SandboxPayments
from orders.tests.shop import ADDRESS, choose, let_time_run_out
from orders.views import ORDERS_A_MINUTE
from tests.makers import make_member, make_product

SHEET = {"HX-Request": "true"}


def url(shop, product=None):
    return reverse("orders:buy", args=[shop.broadcast.code, (product or shop.product).code])


def answers(**changes):
    return {
        "quantity": "1",
        "ship_name": "김하늘",
        "ship_phone": "010-1234-5678",
        "ship_postcode": "04524",
        "ship_address": "서울 중구 세종대로 110",
        "ship_address_detail": "1층",
        "idempotency_key": str(uuid4()),
        **changes,
    }


@pytest.fixture
def signed_in(client, shop):
    client.force_login(shop.buyer)
    return client


def templates(response):
    return [template.name for template in response.templates]


def test_a_guest_is_asked_to_sign_in_and_comes_back_to_the_show(client, shop):
    for response in (client.get(url(shop), headers=SHEET), client.post(url(shop), answers(), headers=SHEET)):
        assert response.status_code == 200
        assert "orders/_sign_in_first.html" in templates(response)
        show = reverse("broadcasts:watch", args=[shop.broadcast.code])
        assert response.context["login_url"] == f"{reverse('account_login')}?next={show.replace('/', '%2F')}"
    assert Order.objects.count() == 0


def test_a_guest_without_the_sheet_comes_back_to_the_form(client, shop):
    response = client.get(url(shop))
    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('account_login')}?next={url(shop).replace('/', '%2F')}"


def test_the_form_knows_the_member(signed_in, shop):
    response = signed_in.get(url(shop), headers=SHEET)
    assert "orders/buy.html" not in templates(response)
    initial = response.context["form"].initial
    assert (initial["ship_name"], initial["ship_postcode"]) == (shop.buyer.name, shop.buyer.postcode)
    assert response.context["unit_price"] == 12_900
    assert response.context["max_quantity"] == 10
    other = signed_in.get(url(shop), headers=SHEET).context["form"].initial["idempotency_key"]
    assert initial["idempotency_key"] != other


def test_the_form_is_also_a_page_of_its_own(signed_in, shop):
    response = signed_in.get(url(shop))
    assert response.status_code == 200
    assert {"orders/buy.html", "orders/_buy.html"} <= set(templates(response))


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
def test_ordering_opens_the_payment(signed_in, shop, headers):
    response = signed_in.post(url(shop), answers(quantity="2"), headers=headers)
    assert response.status_code == 200
    assert "orders/_pay.html" in templates(response)
    order = Order.objects.get()
    assert (order.buyer, order.total, order.status, order.address) == (shop.buyer, 25_800, "pending", ADDRESS)
    payment = SandboxPayment.objects.get()
    assert (payment.ref, payment.amount, payment.order_name) == (
        order.payments.get().ref,
        25_800,
        "울 자켓",
    )
    assert payment.return_url == f"http://testserver{reverse('orders:payment_return', args=[order.code])}"
    assert payment.expires_at == order.expires_at
    assert response.context["payment_url"] == reverse("orders:sandbox", args=[payment.ref])
    assert response.context["payment_url"] in response.content.decode()


def test_pressing_twice_is_one_order(signed_in, shop):
    form = answers()
    pages = [signed_in.post(url(shop), form, headers=SHEET) for _ in range(2)]
    assert pages[0].context["payment_url"] == pages[1].context["payment_url"]
    assert (Order.objects.count(), SandboxPayment.objects.count(), shop.left) == (1, 1, 9)


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
def test_pressing_again_after_paying_shows_the_receipt(signed_in, shop, headers):
    form = answers()
    signed_in.post(url(shop), form, headers=SHEET)
    order = Order.objects.get()
    choose(order.payments.get(), "succeed")
    signed_in.get(reverse("orders:payment_return", args=[order.code]))
    response = signed_in.post(url(shop), form, headers=headers)
    if headers:
        assert "orders/_receipt.html" in templates(response)
        assert response.context["order"].status == "paid"
    else:
        assert response.headers["Location"] == reverse("orders:receipt", args=[order.code])
    assert Order.objects.count() == 1


def test_pressing_again_after_the_time_shows_that_it_is_over(signed_in, shop):
    form = answers()
    signed_in.post(url(shop), form, headers=SHEET)
    let_time_run_out(Order.objects.get())
    response = signed_in.post(url(shop), form, headers=SHEET)
    assert response.context["order"].status == "expired"
    assert shop.left == 10


def test_the_price_is_never_taken_from_the_form(signed_in, shop):
    signed_in.post(url(shop), answers(unit_price="1", total="1", price="1"), headers=SHEET)
    assert Order.objects.get().total == 12_900


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("quantity", "0", "수량은 1개부터예요."),
        ("quantity", "-1", "수량은 1개부터예요."),
        ("quantity", "100", "한 번에 99개까지 살 수 있어요."),
        ("quantity", "두 개", "수량은 숫자로 적어 주세요."),
        ("quantity", "", "수량을 적어 주세요."),
        ("ship_name", "", "받는 사람을 적어 주세요."),
        ("ship_phone", "", "연락처를 적어 주세요."),
        ("ship_phone", "12345", "휴대폰 번호를 010-1234-5678처럼 적어 주세요."),
        ("ship_postcode", "0452", "우편번호는 숫자 5자리예요."),
        ("ship_address", "", "주소를 적어 주세요."),
    ],
)
def test_a_wrong_answer_is_explained_and_nothing_is_ordered(signed_in, shop, field, value, sentence):
    response = signed_in.post(url(shop), answers(**{field: value}), headers=SHEET)
    assert response.status_code == 422
    assert response.context["form"].errors[field] == [sentence]
    assert sentence in response.content.decode()
    assert (Order.objects.count(), shop.left) == (0, 10)


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_a_broken_key_is_explained(signed_in, shop, key):
    response = signed_in.post(url(shop), answers(idempotency_key=key), headers=SHEET)
    assert response.status_code == 422
    assert "화면을 새로 열고 다시 주문해 주세요." in response.content.decode()
    assert Order.objects.count() == 0


@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
@pytest.mark.parametrize(("left", "sentence"), [(0, "방금 품절됐어요"), (2, "2개만 남았어요")])
def test_who_comes_too_late_hears_what_is_left(signed_in, shop, left, sentence, headers):
    Stock.objects.update(left=left)
    response = signed_in.post(url(shop), answers(quantity="3"), headers=headers)
    assert response.status_code == 409
    assert response.context["left"] == left
    assert sentence in response.content.decode()
    assert Order.objects.count() == 0


def test_what_is_sold_out_has_no_form(signed_in, shop):
    Stock.objects.update(left=0)
    response = signed_in.get(url(shop), headers=SHEET)
    assert "orders/_sold_out.html" in templates(response)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("headers", [SHEET, {}], ids=["sheet", "page"])
@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("scheduled", "방송이 시작되면 주문할 수 있어요."),
        ("cancelled", "취소된 방송이라 주문할 수 없어요."),
    ],
)
def test_a_show_that_is_not_on_says_so(signed_in, shop, status, sentence, method, headers):
    shop.broadcast.status = status
    shop.broadcast.save(update_fields=["status"])
    response = getattr(signed_in, method)(url(shop), answers(), headers=headers)
    assert response.status_code == 409
    assert sentence in response.content.decode()
    assert Order.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_sellers_are_told_that_it_is_theirs(client, shop, method):
    client.force_login(shop.seller)
    response = getattr(client, method)(url(shop), answers(), headers=SHEET)
    assert response.status_code == 409
    assert "내 상품은 주문할 수 없어요." in response.content.decode()


def test_a_used_key_with_other_contents_says_so(signed_in, shop):
    key = str(uuid4())
    signed_in.post(url(shop), answers(idempotency_key=key), headers=SHEET)
    response = signed_in.post(url(shop), answers(idempotency_key=key, quantity="2"), headers=SHEET)
    assert response.status_code == 409
    assert "이미 접수한 주문이에요." in response.content.decode()
    assert (Order.objects.count(), shop.left) == (1, 9)


def test_a_product_of_another_show_is_not_found(signed_in, shop):
    elsewhere = make_product(shop.seller)
    assert signed_in.get(url(shop, elsewhere)).status_code == 404
    assert signed_in.post(url(shop, elsewhere), answers()).status_code == 404
    assert signed_in.get(reverse("orders:buy", args=["nosuchshow", shop.product.code])).status_code == 404


def test_a_payment_page_that_does_not_open_keeps_the_order(signed_in, shop, monkeypatch):
    form = answers()

    def down(self, charge):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "start", down)
        response = signed_in.post(url(shop), form, headers=SHEET)
    assert response.status_code == 422
    assert "결제 화면을 열지 못했어요." in response.content.decode()
    assert form["idempotency_key"] in response.content.decode()
    response = signed_in.post(url(shop), form, headers=SHEET)
    assert "orders/_pay.html" in templates(response)
    assert (Order.objects.count(), shop.left) == (1, 9)


def test_too_many_orders_a_minute_are_refused(signed_in, shop, monkeypatch):
    monkeypatch.setattr("common.limits.time", lambda: 1_800_000_000)
    form = answers()
    for _ in range(ORDERS_A_MINUTE):
        assert signed_in.post(url(shop), form, headers=SHEET).status_code == 200
    assert signed_in.post(url(shop), answers(), headers=SHEET).status_code == 429
    assert Order.objects.count() == 1
    other = Client()
    other.force_login(make_member())
    assert other.post(url(shop), answers(), headers=SHEET).status_code == 200
    monkeypatch.setattr("common.limits.time", lambda: 1_800_000_060)
    assert signed_in.post(url(shop), answers(), headers=SHEET).status_code == 200


def test_buying_works_without_redis(signed_in, shop, monkeypatch):
    import redis

    def no_redis():
        return redis.Redis(port=1, socket_connect_timeout=0.1)

    monkeypatch.setattr("common.limits.redis_client", no_redis)
    monkeypatch.setattr("common.events.redis_client", no_redis)
    assert signed_in.post(url(shop), answers(), headers=SHEET).status_code == 200


def test_it_needs_the_csrf_token_and_a_known_method(shop):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(shop.buyer)
    assert strict.post(url(shop), answers()).status_code == 403
    assert strict.put(url(shop)).status_code in (403, 405)
    assert Order.objects.count() == 0
    token = strict.get(url(shop)).context["csrf_token"]
    assert strict.post(url(shop), answers(csrfmiddlewaretoken=str(token))).status_code == 200


def test_it_is_never_cached(signed_in, shop):
    assert "no-store" in signed_in.get(url(shop)).headers["Cache-Control"]


def test_the_time_to_pay_follows_the_setting(signed_in, shop, settings):
    settings.ORDER_PAY_SECONDS = 120
    response = signed_in.post(url(shop), answers(), headers=SHEET)
    rest = response.context["expires_at"] - timezone.now()
    assert timedelta(seconds=110) < rest <= timedelta(seconds=120)
