"""Receipts, lists and the way back from the payment: who sees what, and what a look changes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.errors import ProviderError
from orders.models import Order, Payment, SandboxPayment
from orders.payments.sandbox import SandboxPayments
from orders.tests.shop import choose, let_time_run_out
from tests.makers import make_broadcast, make_member, make_product

SHEET = {"HX-Request": "true"}
OF_AN_ORDER = ["receipt", "payment_return", "resume_payment", "cancel_pending"]
POSTS = ["cancel_pending", "resume_payment"]


def call(client, name, code, **extra):
    method = client.post if name in POSTS else client.get
    return method(reverse(f"orders:{name}", args=[code]), **extra)


def sign_in(client, shop, who):
    people = {"buyer": shop.buyer, "seller": shop.seller}
    if who != "anonymous":
        client.force_login(people.get(who) or make_member(is_staff=who == "staff"))


@pytest.mark.parametrize(
    ("who", "before_paying", "after_paying"),
    [
        ("anonymous", (302, 302, 302, 302), (302, 302, 302, 302)),
        ("other member", (404, 404, 404, 404), (404, 404, 404, 404)),
        ("staff", (404, 404, 404, 404), (404, 404, 404, 404)),
        ("seller", (404, 404, 404, 404), (200, 404, 404, 404)),
        ("buyer", (200, 200, 302, 302), (200, 200, 302, 302)),
    ],
)
@pytest.mark.parametrize("paid", [False, True])
def test_an_order_is_its_buyers_and_once_paid_its_sellers(
    client, shop, who, before_paying, after_paying, paid
):
    order = shop.sell() if paid else shop.place()
    sign_in(client, shop, who)
    answers = tuple(call(client, name, order.code).status_code for name in OF_AN_ORDER)
    assert answers == (after_paying if paid else before_paying)
    order.refresh_from_db()
    if paid:
        assert order.status == "paid"
    else:
        assert order.status == ("cancelled" if who == "buyer" else "pending")


@pytest.mark.parametrize("name", OF_AN_ORDER)
def test_an_unknown_order_is_not_found(client, shop, name):
    client.force_login(shop.buyer)
    assert call(client, name, "20260101-AAAA-AAAA").status_code == 404


def test_wrong_methods_are_refused(client, shop):
    order = shop.place()
    client.force_login(shop.buyer)
    for name in POSTS:
        assert client.get(reverse(f"orders:{name}", args=[order.code])).status_code == 405
    for name in ("receipt", "payment_return"):
        assert client.post(reverse(f"orders:{name}", args=[order.code])).status_code == 405
    for name in ("history", "sales"):
        assert client.post(reverse(f"orders:{name}")).status_code == 405


@pytest.mark.parametrize("name", POSTS)
def test_changing_an_order_needs_the_csrf_token(shop, name):
    order = shop.place()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(shop.buyer)
    assert call(strict, name, order.code).status_code == 403
    order.refresh_from_db()
    assert order.status == "pending"


def test_the_receipt_shows_what_was_bought_and_where_it_goes(client, shop):
    order = shop.sell(quantity=2)
    for person in (shop.buyer, shop.seller):
        client.force_login(person)
        page = call(client, "receipt", order.code).content.decode()
        for fact in (order.code, "울 자켓", "25,800원", "김하늘", "010-1234-5678", "04524"):
            assert fact in page


@pytest.mark.parametrize(
    ("headers", "template"), [(SHEET, "orders/_receipt.html"), ({}, "orders/receipt.html")]
)
def test_the_receipt_comes_as_page_or_part(client, shop, headers, template):
    order = shop.sell()
    client.force_login(shop.buyer)
    assert call(client, "receipt", order.code, headers=headers).templates[0].name == template


def test_a_look_at_the_receipt_tells_the_truth_of_now(client, shop):
    client.force_login(shop.buyer)
    late, _payment = shop.start()
    let_time_run_out(late)
    assert call(client, "receipt", late.code).context["order"].status == "expired"
    paid, payment = shop.start()
    choose(payment, "succeed")
    assert call(client, "receipt", paid.code).context["order"].status == "paid"


def test_cancelling_shows_the_receipt_and_gives_the_stock_back(client, shop):
    client.force_login(shop.buyer)
    order = shop.place(quantity=3)
    response = call(client, "cancel_pending", order.code, headers=SHEET)
    assert response.templates[0].name == "orders/_receipt.html"
    assert (response.context["order"].status, shop.left) == ("cancelled", 10)
    response = call(client, "cancel_pending", order.code)
    assert response.headers["Location"] == reverse("orders:receipt", args=[order.code])
    assert shop.left == 10


def test_a_buyer_who_left_the_payment_page_finds_back_to_it(client, shop):
    client.force_login(shop.buyer)
    order, payment = shop.start()
    assert "이어서 결제하기" in call(client, "receipt", order.code).content.decode()
    for _ in range(2):
        response = call(client, "resume_payment", order.code)
        assert response.headers["Location"] == reverse("orders:sandbox", args=[payment.ref])
    let_time_run_out(order)
    response = call(client, "resume_payment", order.code)
    assert response.headers["Location"] == reverse("orders:receipt", args=[order.code])
    order.refresh_from_db()
    assert (order.status, shop.left) == ("expired", 10)


def test_cancelling_what_is_paid_changes_nothing(client, shop):
    client.force_login(shop.buyer)
    response = call(client, "cancel_pending", shop.sell().code, headers=SHEET)
    assert (response.context["order"].status, shop.left) == ("paid", 9)


@pytest.mark.parametrize(
    ("choice", "status", "left"),
    [("succeed", "paid", 9), ("fail", "failed", 10), ("cancel", "cancelled", 10), ("slow", "pending", 9)],
)
def test_the_way_back_asks_the_provider(client, shop, choice, status, left):
    client.force_login(shop.buyer)
    order, payment = shop.start()
    choose(payment, choice)
    response = call(client, "payment_return", order.code)
    assert response.context["order"].status == status
    assert f'data-status="{status}"' in response.content.decode()
    assert shop.left == left


def test_coming_back_thrice_pays_once(client, shop):
    client.force_login(shop.buyer)
    order, payment = shop.start()
    choose(payment, "succeed")
    for _ in range(3):
        assert call(client, "payment_return", order.code).context["order"].status == "paid"
    assert order.log.filter(type="order.paid").count() == 1


def test_the_address_of_the_way_back_says_nothing(client, shop):
    client.force_login(shop.buyer)
    order, _payment = shop.start()
    url = reverse("orders:payment_return", args=[order.code])
    response = client.get(url, {"status": "paid", "outcome": "succeed", "success": "1", "amount": "12900"})
    assert response.context["order"].status == "pending"


def test_a_slow_payment_resolves_by_looking_again(client, shop):
    client.force_login(shop.buyer)
    order, payment = shop.start()
    choose(payment, "slow")
    page = call(client, "payment_return", order.code)
    assert "결제를 확인하고 있어요" in page.content.decode()
    SandboxPayment.objects.update(known_at=timezone.now())
    assert call(client, "payment_return", order.code).context["order"].status == "paid"


def test_a_provider_that_does_not_answer_leaves_the_page_waiting(client, shop, monkeypatch):
    def down(self, ref):
        raise ProviderError("down")

    client.force_login(shop.buyer)
    order, _payment = shop.start()
    monkeypatch.setattr(SandboxPayments, "look_up", down)
    response = call(client, "payment_return", order.code)
    assert (response.status_code, response.context["order"].status) == (200, "pending")


def test_who_pays_too_late_is_told_about_the_refund(client, shop):
    client.force_login(shop.buyer)
    order, payment = shop.start()
    choose(payment, "succeed")
    let_time_run_out(order)
    for name in ("payment_return", "receipt"):
        page = call(client, name, order.code).content.decode()
        assert "결제 시간이 끝난 뒤에 결제됐어요." in page
        assert "결제한 금액은 모두 환불했어요." in page
        assert "결제된 금액은 없어요" not in page


def test_only_our_own_pages_frame_the_way_back(client, shop):
    client.force_login(shop.buyer)
    order = shop.place()
    framed = call(client, "payment_return", order.code).headers
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    alone = call(client, "receipt", order.code).headers
    assert alone["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]


def test_lists_need_sign_in(client, shop):
    for name in ("history", "sales"):
        response = client.get(reverse(f"orders:{name}"))
        assert response.headers["Location"].startswith(reverse("account_login"))


def test_the_history_holds_ones_own_orders_newest_first(client, shop):
    first, second = shop.place(), shop.sell()
    shop.place(buyer=make_member())
    client.force_login(shop.buyer)
    assert list(client.get(reverse("orders:history")).context["page"]) == [second, first]


def test_the_sales_hold_what_was_paid_to_oneself(client, shop):
    shop.place()
    first, second = shop.sell(), shop.sell(quantity=2)
    stranger = make_member()
    theirs = make_product(stranger, price=1_000)
    show = make_broadcast(stranger, products=[theirs], status="ended")
    shop.sell(product=theirs, broadcast=show)
    client.force_login(shop.seller)
    response = client.get(reverse("orders:sales"))
    assert list(response.context["page"]) == [second, first]
    assert response.context["totals"] == {"count": 2, "revenue": 38_700}
    client.force_login(shop.buyer)
    assert client.get(reverse("orders:sales")).context["totals"] == {"count": 0, "revenue": 0}


@pytest.mark.parametrize("name", ["history", "sales", "broadcast_sales"])
def test_a_longer_list_needs_no_more_queries(client, shop, name):
    client.force_login(shop.buyer if name == "history" else shop.seller)
    url = reverse(f"orders:{name}", args=[shop.broadcast.code] if name == "broadcast_sales" else [])
    counts = []
    shop.sell()
    for more in (0, 9):
        for _ in range(more):
            product = make_product(shop.seller)
            shop.broadcast.lineup.create(product=product)
            shop.sell(product=product, buyer=shop.buyer if name == "history" else make_member())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize("name", ["history", "sales"])
def test_lists_come_in_pages(client, shop, name):
    for _ in range(2):
        shop.sell()
    order = Order.objects.first()
    copies = []
    for number in range(25):
        values = {
            field.name: getattr(order, field.name)
            for field in Order._meta.concrete_fields
            if field.name not in ("id", "code", "idempotency_key")
        }
        copies.append(Order(**values, idempotency_key=f"{number:032x}"))
    Order.objects.bulk_create(copies)
    client.force_login(shop.buyer if name == "history" else shop.seller)
    sizes = [len(client.get(reverse(f"orders:{name}"), {"page": page}).context["page"]) for page in (1, 2)]
    assert sizes == [20, 7]
    assert client.get(reverse(f"orders:{name}"), {"page": "nonsense"}).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 302), ("other member", 403), ("staff", 403), ("buyer", 403), ("seller", 200)],
)
def test_the_sales_of_a_show_are_its_owners(client, shop, who, status):
    sign_in(client, shop, who)
    url = reverse("orders:broadcast_sales", args=[shop.broadcast.code])
    assert client.get(url).status_code == status
    assert client.post(url).status_code == 405


def test_the_sales_of_a_show_count_what_was_paid_in_it(client, shop):
    shop.place()
    sold = [shop.sell() for _ in range(6)]
    replay = make_broadcast(shop.seller, products=[shop.product], status="ended")
    shop.sell(broadcast=replay)
    client.force_login(shop.seller)
    context = client.get(reverse("orders:broadcast_sales", args=[shop.broadcast.code])).context
    assert (context["count"], context["revenue"]) == (6, 77_400)
    assert list(context["recent"]) == sold[:0:-1]


def test_the_admin_shows_everything_and_changes_nothing(client, shop):
    order = shop.sell()
    client.force_login(make_member(is_staff=True, is_superuser=True))
    assert (
        order.code in client.get(reverse("admin:orders_order_changelist"), {"q": order.code}).content.decode()
    )
    page = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert page.status_code == 200
    assert 'name="status"' not in page.content.decode()
    assert "order.paid" in page.content.decode()
    payment = Payment.objects.get()
    assert client.get(reverse("admin:orders_payment_change", args=[payment.pk])).status_code == 200
    for name, pk in (("order", order.pk), ("payment", payment.pk)):
        change = client.post(reverse(f"admin:orders_{name}_change", args=[pk]), {"status": "expired"})
        delete = client.post(reverse(f"admin:orders_{name}_delete", args=[pk]), {"post": "yes"})
        assert (change.status_code, delete.status_code) == (403, 403)
        assert client.get(reverse(f"admin:orders_{name}_add")).status_code == 403
    order.refresh_from_db()
    assert order.status == "paid"


def test_an_order_holds_while_its_time_runs(client, shop):
    client.force_login(shop.buyer)
    order = shop.place()
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() + timedelta(seconds=30))
    assert call(client, "receipt", order.code).context["order"].status == "pending"
