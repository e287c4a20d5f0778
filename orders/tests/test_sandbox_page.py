from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import SandboxPayment
from orders.tests.shop import RETURN_URL


@pytest.fixture
def payment(shop):
    shop.start(quantity=2)
    return SandboxPayment.objects.get()


@pytest.fixture
def url(payment):
    return reverse("orders:sandbox", args=[payment.ref])


def test_it_asks_for_the_amount(client, url):
    page = client.get(url).content.decode()
    assert "25,800원" in page
    assert "울 자켓" in page


@pytest.mark.parametrize("choice", SandboxPayment.Choice.values)
def test_every_button_leads_back_to_the_shop(client, payment, url, choice):
    response = client.post(url, {"outcome": choice})
    assert (response.status_code, response.headers["Location"]) == (302, RETURN_URL)
    payment.refresh_from_db()
    assert payment.choice == choice
    wait = payment.known_at - timezone.now()
    assert (timedelta(seconds=5) < wait <= timedelta(seconds=6)) == (choice == "slow")


def test_the_first_button_counts(client, payment, url):
    for choice in ("fail", "succeed"):
        assert client.post(url, {"outcome": choice}).status_code == 302
    payment.refresh_from_db()
    assert payment.choice == "fail"
    assert client.get(url).headers["Location"] == RETURN_URL


def test_after_the_time_nothing_can_be_paid(client, payment, url):
    SandboxPayment.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(url).headers["Location"] == RETURN_URL
    assert client.post(url, {"outcome": "succeed"}).headers["Location"] == RETURN_URL
    payment.refresh_from_db()
    assert payment.choice == ""


@pytest.mark.parametrize("data", [{}, {"outcome": "free"}])
def test_an_unknown_button_is_refused(client, payment, url, data):
    assert client.post(url, data).status_code == 400
    payment.refresh_from_db()
    assert payment.choice == ""


def test_an_unknown_payment_is_not_found(client, db):
    url = reverse("orders:sandbox", args=["nosuchref"])
    assert client.get(url).status_code == 404
    assert client.post(url, {"outcome": "succeed"}).status_code == 404


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
