"""Payments that nobody may make any more are closed at their provider, and staff hear of money nobody asked for."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from common.errors import OutcomeUnknown, ProviderError
from common.mail import Mailing
from orders import sweeps, tasks
from orders.addressing import set_address
from orders.holding import cancel_hold
from orders.models import Payment, Refund
from orders.paying import confirm_payment, settle_payment, settle_refund, start_payment
from orders.tests.shop import ADDRESS, RETURN_URL, choose, let_time_run_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe_payment(shop, fake_stripe):
    """A checkout whose buyer is on Stripe's page."""
    checkout = shop.hold()
    set_address(checkout.pk, ADDRESS)
    start_payment(checkout.pk, method="stripe", return_url=RETURN_URL)
    return checkout.payments.get()


@pytest.fixture
def queued(monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.take_back_payments, "delay", asked.append)
    return asked


def let_asking_be_due():
    Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=3))


def test_the_page_of_a_cancelled_checkout_is_closed_at_once(
    shop, stripe_payment, fake_stripe, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        cancel_hold(stripe_payment.checkout_id, by=shop.buyer)
    assert queued == [stripe_payment.checkout_id]
    tasks.take_back_payments(stripe_payment.checkout_id)
    stripe_payment.refresh_from_db()
    assert stripe_payment.status == "cancelled"
    assert fake_stripe.sessions[stripe_payment.provider_ref]["status"] == "expired"


def test_nothing_is_queued_when_nothing_was_open(shop, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cancel_hold(shop.hold().pk, by=shop.buyer)
    assert queued == []


def test_the_sweep_closes_the_page_of_a_checkout_that_ran_out(stripe_payment, fake_stripe):
    let_time_run_out(stripe_payment.checkout)
    let_asking_be_due()
    assert sweeps.settle_payments() == 1
    stripe_payment.refresh_from_db()
    stripe_payment.checkout.refresh_from_db()
    assert (stripe_payment.status, stripe_payment.checkout.status) == ("cancelled", "expired")
    assert fake_stripe.sessions[stripe_payment.provider_ref]["status"] == "expired"


def test_a_page_of_a_checkout_in_time_stays_open(stripe_payment, fake_stripe):
    let_asking_be_due()
    assert sweeps.settle_payments() == 1
    assert fake_stripe.sessions[stripe_payment.provider_ref]["status"] == "open"
    assert fake_stripe.count("POST .*/expire") == 0


def test_the_page_of_an_earlier_attempt_is_closed(stripe_payment, fake_stripe):
    checkout = stripe_payment.checkout
    start_payment(checkout.pk, method="sandbox", return_url=RETURN_URL)
    settle_payment(stripe_payment.pk)
    stripe_payment.refresh_from_db()
    checkout.refresh_from_db()
    assert (stripe_payment.status, checkout.status) == ("cancelled", "open")
    assert fake_stripe.sessions[stripe_payment.provider_ref]["status"] == "expired"


def test_a_buyer_who_pays_in_the_last_moment_gets_it_back(stripe_payment, fake_stripe, monkeypatch):
    """Stripe says "open", the buyer pays, and closing the page comes too late."""
    let_time_run_out(stripe_payment.checkout)
    expire = fake_stripe.expire_session

    def pay_first(call, name):
        fake_stripe.pay(name)
        return expire(call, name)

    fake_stripe.routes = [
        (method, path, pay_first if perform == expire else perform)
        for method, path, perform in fake_stripe.routes
    ]
    settle_payment(stripe_payment.pk)
    stripe_payment.refresh_from_db()
    assert stripe_payment.status == "stray"
    assert Refund.objects.get().status == "done"
    assert [one["amount"] for one in fake_stripe.refunds] == [stripe_payment.paid]


def test_one_silent_provider_does_not_hold_up_the_others(shop, stripe_payment, fake_stripe):
    sandbox_checkout, sandbox_payment = shop.start()
    choose(sandbox_payment, "succeed")
    let_asking_be_due()
    fake_stripe.lose(".*", times=2)
    assert sweeps.settle_payments() == 2
    sandbox_checkout.refresh_from_db()
    assert sandbox_checkout.status == "paid"


def test_old_payments_are_asked_about_less_often(stripe_payment):
    Payment.objects.update(
        created_at=timezone.now() - timedelta(minutes=20), asked_at=timezone.now() - timedelta(seconds=60)
    )
    assert sweeps.settle_payments() == 0
    let_asking_be_due()
    assert sweeps.settle_payments() == 1


def test_a_sum_that_changed_meanwhile_is_not_taken(shop, fake_toss):
    checkout = shop.hold()
    set_address(checkout.pk, ADDRESS)
    start_payment(checkout.pk, method="toss", return_url=RETURN_URL)
    payment = checkout.payments.get()
    returned = fake_toss.prove(payment.ref)
    Payment.objects.update(amount=payment.amount - 100)
    confirm_payment(payment.pk, returned)
    assert fake_toss.count("POST .*/confirm") == 0
    payment.refresh_from_db()
    assert payment.status == "started"


def test_a_wrong_currency_is_no_payment(stripe_payment, fake_stripe):
    fake_stripe.pay(stripe_payment.provider_ref, currency="usd")
    settle_payment(stripe_payment.pk)
    stripe_payment.refresh_from_db()
    assert stripe_payment.status == "stray"


def test_money_that_the_provider_will_not_give_back_is_told_to_staff(shop, settings, monkeypatch):
    settings.STAFF_EMAILS = ["staff@example.com"]
    monkeypatch.setattr(tasks.mail_refused_refund, "delay", tasks.mail_refused_refund)
    order = shop.sell()
    payment = order.checkout.payments.get()
    refund = Refund.objects.create(payment=payment, order=order, amount=99_999, reason="단순 변심")
    settle_refund(refund.pk)
    refund.refresh_from_db()
    assert refund.status == "refused"
    (message,) = mail.outbox
    assert message.subject == f"거절된 환불 {refund.key}"
    assert "99,999원" in message.body
    assert order.code in message.body


class TestStaff:
    @pytest.fixture
    def stray(self, shop, settings):
        settings.STAFF_EMAILS = ["staff@example.com"]
        _checkout, payment = shop.start()
        choose(payment, "wrong")
        settle_payment(payment.pk)
        return payment

    def test_they_are_told_what_came_and_where_to_look(self, stray):
        tasks.mail_stray(stray.pk)
        (message,) = mail.outbox
        assert message.to == ["staff@example.com"]
        assert message.subject == f"받을 수 없는 결제 {stray.ref}"
        assert "12,800원" in message.body
        assert "12,900원" in message.body
        assert f"/admin/orders/payment/{stray.pk}/change/" in message.body

    def test_a_stray_payment_queues_the_mail(self, shop, monkeypatch, django_capture_on_commit_callbacks):
        queued = []
        monkeypatch.setattr(tasks.mail_stray, "delay", queued.append)
        _checkout, payment = shop.start()
        choose(payment, "wrong")
        with django_capture_on_commit_callbacks(execute=True):
            settle_payment(payment.pk)
        assert queued == [payment.pk]

    def test_without_staff_nobody_is_mailed(self, stray, settings):
        settings.STAFF_EMAILS = []
        tasks.mail_stray(stray.pk)
        assert mail.outbox == []

    def test_a_mail_server_that_is_away_is_tried_again_one_that_kept_it_is_not(self, stray, monkeypatch):
        from orders.staff_mails import mail_stray

        for error, passes_on in ((ProviderError("away"), True), (OutcomeUnknown("silent"), False)):

            def fail(self, message, error=error):
                raise error

            monkeypatch.setattr(Mailing, "send", fail)
            if passes_on:
                with pytest.raises(ProviderError):
                    mail_stray(stray.pk)
            else:
                mail_stray(stray.pk)
