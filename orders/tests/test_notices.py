import json
import logging
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import ProviderError, ProviderRefused
from orders import notices, tasks
from orders.models import Payment, PaymentNotice, SandboxPayment, Transfer
from orders.notice_door import MAX_BYTES
from orders.payments.sandbox import SIGNATURE, SandboxPayments, sign
from orders.tests.shop import choose, let_time_run_out
from tests.makers import make_member

pytestmark = pytest.mark.django_db


def body_of(ref, number="1", **more):
    return json.dumps({"id": number, "type": "payment.changed", "ref": ref, **more}).encode()


def call(client, body, *, method="sandbox", signature=None):
    headers = {SIGNATURE: sign(body) if signature is None else signature}
    url = reverse("orders:notices", args=[method])
    return client.post(url, body, content_type="application/json", headers=headers)


@pytest.fixture
def settled(monkeypatch):
    """Run the task at once where a worker would, and tell what it was given."""
    asked = []

    def at_once(notice_id):
        asked.append(notice_id)
        tasks.settle_notice(notice_id)

    monkeypatch.setattr(tasks.settle_notice, "delay", at_once)
    return asked


def test_a_notice_pays_an_order_whose_buyer_never_came_back(client, shop, settled):
    checkout, payment = shop.start()
    choose(payment, "silent")
    assert call(client, body_of(payment.ref)).status_code == 200
    checkout.refresh_from_db()
    notice = PaymentNotice.objects.get()
    assert checkout.status == "paid"
    assert (notice.ref, notice.type, notice.problem) == (payment.ref, "payment.changed", "")
    assert notice.done_at is not None


def test_the_same_notice_again_is_kept_and_settled_once(client, shop, settled):
    _checkout, payment = shop.start()
    choose(payment, "twice")
    codes = [call(client, body_of(payment.ref)).status_code for _ in range(3)]
    assert codes == [200, 200, 200]
    assert len(settled) == PaymentNotice.objects.count() == 1
    assert Transfer.objects.filter(kind="payment").count() == 1


def test_a_notice_is_a_hint_and_no_witness(client, shop, settled):
    """It says "paid" of a payment that its provider knows to be open."""
    checkout, payment = shop.start()
    call(client, body_of(payment.ref, status="paid", amount=checkout.total))
    checkout.refresh_from_db()
    assert checkout.status == "open"


def test_a_notice_that_comes_before_its_payment_waits_for_it(client, shop, settled):
    assert call(client, body_of("abcdefghjkmn")).status_code == 200
    assert PaymentNotice.objects.get().done_at is None
    checkout, payment = shop.start()
    choose(payment, "succeed")
    Payment.objects.update(ref="abcdefghjkmn")
    SandboxPayment.objects.update(ref="abcdefghjkmn")
    PaymentNotice.objects.update(received_at=timezone.now() - timedelta(minutes=1))
    assert notices.settle_notices() == 1
    checkout.refresh_from_db()
    assert checkout.status == "paid"
    assert PaymentNotice.objects.get().done_at is not None
    assert notices.settle_notices() == 0


def test_late_news_of_a_payment_given_up_sends_the_money_back(client, shop, settled):
    checkout, payment = shop.start()
    choose(payment, "late")
    let_time_run_out(checkout)
    Payment.objects.update(status="cancelled")
    SandboxPayment.objects.update(known_at=timezone.now())
    call(client, body_of(payment.ref))
    payment.refresh_from_db()
    assert payment.status == "stray"
    assert payment.refunds.get().status == "done"


def test_what_a_silent_provider_left_undone_is_tried_again(client, shop, settled, monkeypatch):
    checkout, payment = shop.start()
    choose(payment, "succeed")

    def down(self, ref, provider_ref):
        raise ProviderError("down")

    with monkeypatch.context() as broken:
        broken.setattr(SandboxPayments, "look_up", down)
        assert call(client, body_of(payment.ref)).status_code == 200
        PaymentNotice.objects.update(received_at=timezone.now() - timedelta(minutes=1))
        assert notices.settle_notices() == 1
    assert PaymentNotice.objects.get().done_at is None
    assert notices.settle_notices() == 1
    checkout.refresh_from_db()
    assert checkout.status == "paid"


def test_after_a_day_it_is_given_up_where_staff_see_it(client, settled, caplog):
    call(client, body_of("abcdefghjkmn"))
    PaymentNotice.objects.update(received_at=timezone.now() - timedelta(days=1, minutes=1))
    with caplog.at_level(logging.ERROR):
        assert notices.settle_notices() == 0
    notice = PaymentNotice.objects.get()
    assert (notice.problem, notice.done_at is None) == ("there is no such payment", False)
    assert [record.message for record in caplog.records] == ["payment notice given up"]


def test_a_refusal_is_given_up_at_once(client, shop, settled, monkeypatch):
    _checkout, payment = shop.start()

    def refuse(self, ref, provider_ref):
        raise ProviderRefused("no such account")

    monkeypatch.setattr(SandboxPayments, "look_up", refuse)
    call(client, body_of(payment.ref))
    assert PaymentNotice.objects.get().problem == "no such account"


def test_a_notice_about_nothing_of_ours_is_kept_and_done(client, settled):
    call(client, body_of(""))
    assert PaymentNotice.objects.get().done_at is not None


def test_without_the_signature_nothing_is_kept(client, settled):
    assert call(client, body_of("abcdefghjkmn"), signature="wrong").status_code == 401
    assert call(client, body_of("abcdefghjkmn"), signature="").status_code == 401
    assert not PaymentNotice.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": "1"}'])
def test_what_cannot_be_read_is_refused(client, settled, body):
    assert call(client, body).status_code == 400
    assert not PaymentNotice.objects.exists()


def test_unknown_providers_other_methods_and_long_bodies_are_refused(client, settled, settings):
    assert call(client, b"{}", method="nobody").status_code == 404
    assert client.get(reverse("orders:notices", args=["sandbox"])).status_code == 405
    assert call(client, b" " * (MAX_BYTES + 1)).status_code == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert call(client, body_of("abcdefghjkmn")).status_code == 413


def test_somebody_who_makes_them_up_is_stopped(client, settled, monkeypatch):
    monkeypatch.setattr("orders.notice_door.MOST_A_MINUTE", 2)
    codes = [call(client, body_of("abcdefghjkmn", str(number))).status_code for number in range(4)]
    assert codes == [200, 200, 429, 429]


def test_stripes_signature_is_checked_with_its_time(client, settled, fake_stripe, shop):
    from orders.paying import start_payment
    from orders.tests.shop import ADDRESS, RETURN_URL, set_address

    checkout = shop.hold()
    set_address(checkout.pk, ADDRESS)
    start_payment(checkout.pk, method="stripe", return_url=RETURN_URL)
    payment = checkout.payments.get()
    fake_stripe.pay(payment.provider_ref)
    url = reverse("orders:notices", args=["stripe"])

    def told(body, signature):
        return client.post(
            url, body, content_type="application/json", headers={"Stripe-Signature": signature}
        ).status_code

    body, signature = fake_stripe.notice(payment.ref, at=timezone.now().timestamp() - 3600)
    assert told(body, signature) == 401  # somebody's copy of an hour ago
    body, signature = fake_stripe.notice(payment.ref)
    assert told(body.replace(b"paid", b"free"), signature) == 401
    assert not PaymentNotice.objects.exists()
    assert told(body, signature) == 200
    checkout.refresh_from_db()
    assert checkout.status == "paid"
    assert "buyer" not in str(PaymentNotice.objects.get().body)


def test_a_made_up_notice_of_toss_only_has_it_asked(client, settled, fake_toss, shop):
    checkout, payment = shop.start()
    said = {"eventType": "PAYMENT_STATUS_CHANGED", "data": {"orderId": payment.ref, "status": "DONE"}}
    said["data"]["secret"] = "ps_not_ours_to_keep"
    url = reverse("orders:notices", args=["toss"])
    assert client.post(url, json.dumps(said), content_type="application/json").status_code == 200
    checkout.refresh_from_db()
    assert checkout.status == "open"
    assert PaymentNotice.objects.get().body == {"orderId": payment.ref, "status": "DONE"}


@pytest.mark.parametrize("order", ["\x00" * 12, "\ud800", "a" * 65, {"a": 1}, "../../v1/payments"], ids=ascii)
def test_a_made_up_notice_brings_nothing_strange_into_the_database(client, settled, fake_toss, order):
    said = {"eventType": "PAYMENT_STATUS_CHANGED", "data": {"orderId": order, "status": "DONE"}}
    url = reverse("orders:notices", args=["toss"])
    assert client.post(url, json.dumps(said), content_type="application/json").status_code == 400
    assert not PaymentNotice.objects.exists()


def test_staff_have_it_looked_at_again(client, shop, settled, django_capture_on_commit_callbacks):
    _checkout, payment = shop.start()
    choose(payment, "succeed")
    notice = PaymentNotice.objects.create(
        method="sandbox", event_id="1", ref=payment.ref, body={"a": 1}, done_at=timezone.now(), problem="no"
    )
    client.force_login(User.objects.create_superuser("chief", "chief@example.com", "x", nickname="대장"))
    listed = reverse("admin:orders_paymentnotice_changelist")
    for state, shown in (("given_up", True), ("waiting", False), ("done", False)):
        assert (payment.ref in client.get(listed, {"state": state}).content.decode()) == shown
    with django_capture_on_commit_callbacks(execute=True):
        client.post(listed, {"action": "try_again", "_selected_action": [notice.pk]})
    notice.refresh_from_db()
    payment.refresh_from_db()
    assert (notice.problem, payment.status) == ("", "confirmed")
    page = client.get(reverse("admin:orders_paymentnotice_change", args=[notice.pk]))
    assert page.status_code == 200
    assert "_save" not in page.content.decode()


def test_without_the_broker_they_wait_for_the_sweep(client, monkeypatch, django_capture_on_commit_callbacks):
    def away(*_args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.settle_notice, "delay", away)
    notice = PaymentNotice.objects.create(
        method="sandbox", event_id="1", body={}, done_at=timezone.now(), problem="no"
    )
    client.force_login(User.objects.create_superuser("chief", "chief@example.com", "x", nickname="대장"))
    listed = reverse("admin:orders_paymentnotice_changelist")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(listed, {"action": "try_again", "_selected_action": [notice.pk]})
    notice.refresh_from_db()
    assert (answer.status_code, notice.done_at) == (302, None)


def test_members_do_not_see_them(client):
    client.force_login(make_member())
    assert client.get(reverse("admin:orders_paymentnotice_changelist")).status_code == 302


def test_old_ones_are_forgotten_and_open_ones_never():
    long_ago = timezone.now() - timedelta(days=91)
    for number, done_at in enumerate([long_ago, timezone.now(), None]):
        PaymentNotice.objects.create(method="sandbox", event_id=str(number), body={}, done_at=done_at)
    PaymentNotice.objects.update(received_at=long_ago)
    tasks.forget_old_notices()
    assert sorted(PaymentNotice.objects.values_list("event_id", flat=True)) == ["1", "2"]
