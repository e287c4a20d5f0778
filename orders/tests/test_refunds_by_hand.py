"""What a provider refuses to give back: staff pay it otherwise, and the books say from where."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse

from common.errors import ProviderRefused
from orders import ledger
from orders.ledger.walk import walk
from orders.mails import mail_refund
from orders.models import Refund, Transfer
from orders.paying import settle_payment, settle_refund
from orders.payments.sandbox import SandboxPayments
from orders.refunds import refund_lines
from orders.refunds_by_hand import NotRefused, note_paid_by_hand
from orders.tests.shop import choose, log_of
from tests.makers import make_member

ANSWER = {"reference": "하늘은행 11월 21일 20:14"}


@pytest.fixture
def refused(shop, monkeypatch):
    """A refund of a whole order that the provider refused."""

    def refuse(*_args, **_changes):
        raise ProviderRefused("account closed")

    monkeypatch.setattr(SandboxPayments, "refund", refuse)
    order = shop.sell(buyer=None, email="guest@example.com")
    refund = refund_lines(order.pk, {order.lines.get().pk: 1}, reason="변심", by=None, restock=True)
    settle_refund(refund.pk)
    refund.refresh_from_db()
    assert refund.status == "refused"
    return refund


@pytest.fixture
def staff(db):
    return make_member(is_staff=True, is_superuser=True)


def page(refund, action="by_hand"):
    return reverse(f"admin:orders_refund_{action}", args=[refund.pk])


def test_staff_say_once_that_they_paid_it(client, refused, staff):
    client.force_login(staff)
    assert page(refused) in client.get(page(refused, "change")).content.decode()
    assert client.post(page(refused), {"reference": ""}).status_code == 422
    assert client.post(page(refused), ANSWER).headers["Location"] == page(refused, "change")
    refused.refresh_from_db()
    assert (refused.status, refused.is_back) == ("by_hand", True)
    assert refused.done_at is not None
    row = Transfer.objects.get(refund=refused)
    assert (row.debit, row.credit, row.amount) == ("held", "paid_out", 12_900)
    assert row.note == ANSWER["reference"]
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (staff, str(refused.pk))
    assert ANSWER["reference"] in entry.change_message
    assert (log_of(refused.order)[-1], refused.order.log.last().by) == ("order.refund_by_hand", staff)
    assert page(refused) not in client.get(page(refused, "change")).content.decode()
    assert client.post(page(refused), ANSWER).status_code == 422
    assert Transfer.objects.filter(refund=refused).count() == LogEntry.objects.count() == 1


def test_nothing_is_held_any_more_and_the_provider_still_owes_it(refused, staff):
    assert (ledger.balance("held"), list(walk())) == (12_900, [])
    owed = ledger.balance("provider")
    note_paid_by_hand(refused.pk, reference="이체", by=staff)
    assert (ledger.balance("held"), ledger.balance("paid_out")) == (0, 12_900)
    assert ledger.balance("provider") == owed
    assert list(walk()) == []


@pytest.mark.parametrize("status", ["refused", "asked", "done"])
def test_the_walk_sees_a_row_that_fits_another_status(refused, staff, status):
    note_paid_by_hand(refused.pk, reference="이체", by=staff)
    Refund.objects.filter(pk=refused.pk).update(status=status)
    fault = "is done and not booked" if status == "done" else "is booked and not done"
    assert any(fault in sentence for sentence in walk())


@pytest.mark.parametrize("status", ["asked", "done"])
def test_what_the_provider_does_itself_is_not_paid_a_second_time(refused, staff, status):
    Refund.objects.filter(pk=refused.pk).update(status=status)
    with pytest.raises(NotRefused):
        note_paid_by_hand(refused.pk, reference="이체", by=staff)
    assert not Transfer.objects.filter(refund=refused).exists()


def test_a_stray_payment_is_paid_back_by_hand_too(shop, refused, staff):
    _checkout, payment = shop.start()
    choose(payment, "wrong")
    settle_payment(payment.pk)
    settle_payment(payment.pk)
    refund = Refund.objects.get(order=None)
    note_paid_by_hand(refund.pk, reference="이체", by=staff)
    assert ledger.balance("held") == refused.amount
    assert list(walk()) == []


def test_the_buyer_hears_of_it(refused, staff, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr("orders.mail_tasks.mail_refund.delay", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        note_paid_by_hand(refused.pk, reference="이체", by=staff)
    assert told == [refused.pk]
    mail_refund(refused.pk)
    (message,) = mail.outbox
    assert message.to == ["guest@example.com"]
    assert "계좌로 보냈어요" in message.body


@pytest.mark.parametrize("who", ["anonymous", "member", "staff who may only look"])
def test_only_staff_with_the_right_may_say_so(client, refused, who):
    if who == "member":
        client.force_login(make_member())
    elif who != "anonymous":
        looker = make_member(is_staff=True)
        looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        client.force_login(looker)
        assert page(refused) not in client.get(page(refused, "change")).content.decode()
    for method in (client.get, client.post):
        assert method(page(refused), ANSWER).status_code == (403 if who.startswith("staff") else 302)
    refused.refresh_from_db()
    assert refused.status == "refused"
