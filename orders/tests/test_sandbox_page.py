from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders import tasks
from orders.models import PaymentNotice, SandboxPayment, Transfer
from orders.payments import sandbox_notices
from orders.payments.sandbox_page import PLAIN, TRICKY

Choice = SandboxPayment.Choice
STAYS = (Choice.TWICE, Choice.SILENT)
"""After these the first answer is a page of the provider's own."""


@pytest.fixture
def checkout(shop):
    checkout, _payment = shop.start(quantity=2)
    return checkout


@pytest.fixture
def payment(checkout):
    return SandboxPayment.objects.get()


@pytest.fixture
def url(payment):
    return reverse("orders:sandbox", args=[payment.ref])


@pytest.fixture
def queued(monkeypatch):
    """What the page asks a worker to do: (arguments, seconds from now)."""
    asked = []
    monkeypatch.setattr(
        tasks.tell_of_sandbox_payment,
        "apply_async",
        lambda arguments, countdown: asked.append((arguments, countdown)),
    )
    return asked


def test_it_asks_for_the_amount(client, url):
    page = client.get(url).content.decode()
    assert "25,800원" in page
    assert "울 자켓" in page


def test_it_offers_everything_that_may_happen_in_plain_words(client, url):
    offered = {button.choice for button in (*PLAIN, *TRICKY)}
    assert offered == set(Choice) - {Choice.SUCCEED}
    page = client.get(url).content.decode()
    for button in (*PLAIN, *TRICKY):
        assert f'value="{button.choice}"' in page
        assert str(button.text) in page


@pytest.mark.parametrize("choice", [choice for choice in Choice if choice not in STAYS])
def test_a_button_leads_back_to_the_shop(client, payment, url, choice, queued):
    response = client.post(url, {"outcome": choice})
    assert (response.status_code, response.headers["Location"]) == (302, payment.return_url)
    payment.refresh_from_db()
    assert payment.choice == choice


def test_coming_back_twice_really_does(client, payment, url, queued):
    page = client.post(url, {"outcome": "twice"}).content.decode()
    assert f'<iframe src="{payment.return_url}"' in page
    assert f'http-equiv="refresh" content="1; url={payment.return_url}"' in page


def test_never_coming_back_stays_where_it_is(client, payment, url, queued):
    page = client.post(url, {"outcome": "silent"}).content.decode()
    assert payment.return_url not in page


@pytest.mark.parametrize(
    ("choice", "seconds"), [("succeed", 0), ("fail", 0), ("slow", 6), ("late", 601), ("wrong", 0)]
)
def test_the_shop_is_told_once_it_is_known(
    client, payment, url, queued, choice, seconds, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"outcome": choice})
    ((arguments, countdown),) = queued
    assert arguments == (payment.ref,)
    assert seconds - 5 <= countdown <= seconds


def test_the_notice_of_a_payment_comes_three_times_and_pays_once(client, checkout, payment, url, queued):
    client.post(url, {"outcome": "twice"})
    for _ in range(3):
        sandbox_notices.tell(payment.ref)
    checkout.refresh_from_db()
    assert checkout.status == "paid"
    assert PaymentNotice.objects.count() == 1
    assert Transfer.objects.filter(kind="payment").count() == 1


def test_the_first_button_counts(client, payment, url, queued):
    for choice in ("fail", "succeed"):
        assert client.post(url, {"outcome": choice}).status_code == 302
    payment.refresh_from_db()
    assert payment.choice == "fail"
    assert client.get(url).headers["Location"] == payment.return_url


def test_after_the_time_nothing_can_be_paid(client, payment, url, queued):
    SandboxPayment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(url).headers["Location"] == payment.return_url
    assert client.post(url, {"outcome": "succeed"}).headers["Location"] == payment.return_url
    payment.refresh_from_db()
    assert payment.choice == ""
    assert queued == []


def test_a_longer_hold_keeps_its_page_open_longer(shop, checkout, payment):
    from orders.holding import extend_hold
    from orders.paying import start_payment
    from orders.tests.shop import RETURN_URL

    longer = extend_hold(checkout.pk)
    start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    payment.refresh_from_db()
    assert payment.expires_at == longer.expires_at


@pytest.mark.parametrize("data", [{}, {"outcome": "free"}])
def test_an_unknown_button_is_refused(client, payment, url, data):
    assert client.post(url, data).status_code == 400
    payment.refresh_from_db()
    assert payment.choice == ""


def test_an_unknown_payment_is_not_found(client, db):
    url = reverse("orders:sandbox", args=["nosuchref"])
    assert client.get(url).status_code == 404
    assert client.post(url, {"outcome": "succeed"}).status_code == 404


def test_where_it_is_not_offered_there_is_no_such_page(client, url, settings):
    settings.PAYMENTS = {}
    assert client.get(url).status_code == 404


def test_it_needs_the_csrf_token_and_a_known_method(payment, url):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url, {"outcome": "succeed"}).status_code == 403
    payment.refresh_from_db()
    assert payment.choice == ""
    assert Client().put(url).status_code == 405


def test_only_our_own_pages_frame_it(client, url):
    headers = client.get(url).headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "'none' 'self'" not in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
