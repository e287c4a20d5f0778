"""Mail about orders: to the right person, with the facts, once a happening."""

import pytest
from django.core import mail

from accounts.models import Undeliverable
from accounts.undeliverable import note_undeliverable
from catalog.models import Product
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing
from orders import mail_tasks
from orders.claims import approve, receive, refuse, take_back
from orders.confirming import confirm_order, deliver_order, warn_of_confirming
from orders.deciding import decide_for_seller
from orders.disputes import open_dispute, say
from orders.models import Order
from orders.paying import settle_refund
from orders.sending import ship_order
from orders.terms import confirm_from
from orders.tests.test_claims import claim_for, sell

TASKS = [
    "mail_paid",
    "mail_new_order",
    "mail_order",
    "mail_claim",
    "mail_refund",
    "mail_dispute",
    "tell_paid",
]


@pytest.fixture
def post(monkeypatch, django_capture_on_commit_callbacks):
    """Do something, run what it queues, and return the mails it made as (address, subject)."""
    for name in TASKS:
        task = getattr(mail_tasks, name)
        monkeypatch.setattr(task, "delay", task.run)

    def run(action, *arguments, **options):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(*arguments, **options)
        return [(message.to[0], message.subject) for message in mail.outbox]

    return run


@pytest.mark.parametrize("guest", [False, True])
def test_a_payment_is_told_to_both_sides(shop, post, guest):
    options = {"buyer": None, "email": "guest@example.com"} if guest else {}
    buyer = "guest@example.com" if guest else shop.buyer.email
    sent = post(shop.sell, quantity=2, **options)
    assert [address for address, _subject in sent] == [buyer, shop.seller.email]
    order = Order.objects.get()
    to_buyer, to_seller = (message.body for message in mail.outbox)
    assert order.code in to_buyer
    assert "25,800원" in to_buyer
    assert ("/orders/find/" in to_buyer) is guest
    assert (f"/orders/{order.code}/" in to_buyer) is not guest
    assert f"/studio/orders/{order.code}/" in to_seller
    assert "김하늘" not in to_seller  # an address book is no place for a mailbox


def test_sending_and_arriving_are_told_once(shop, post):
    order = sell(shop)
    ship = {"carrier": "cj", "number": "123456789012", "by": shop.seller}
    (sent,) = post(ship_order, order.pk, **ship)
    assert sent[0] == shop.buyer.email
    assert "CJ대한통운 123456789012" in mail.outbox[0].body
    assert post(ship_order, order.pk, **ship) == []
    assert [address for address, _ in post(deliver_order, order.pk, by=shop.seller)] == [shop.buyer.email]
    assert post(deliver_order, order.pk, by=shop.seller) == []
    assert post(confirm_order, order.pk, by=shop.buyer) == []


def test_a_refused_return_is_no_second_arrival(shop, post):
    order = sell(shop, status="delivered")
    claim = claim_for(order)
    sent = post(refuse, claim.pk, by=shop.seller, answer="사용한 흔적이 있어요")
    assert [address for address, _ in sent] == [shop.buyer.email]
    assert "사용한 흔적이 있어요" in mail.outbox[0].body


def test_what_is_handed_over_in_person_needs_no_mail_of_arrival(shop, post):
    order = sell(shop)
    Order.objects.filter(pk=order.pk).update(deal=Product.Deal.DIRECT)
    assert post(deliver_order, order.pk, by=shop.seller) == []


def test_the_buyer_is_told_before_it_confirms_itself(shop, post):
    order = sell(shop, status="delivered")
    due = confirm_from(order)
    (sent,) = post(warn_of_confirming, due)
    assert sent == (shop.buyer.email, f"곧 구매가 확정돼요: {order.code}")
    assert post(warn_of_confirming, due) == []


def test_claims_are_told_to_who_has_to_know(shop, post):
    order = sell(shop, status="delivered")
    assert [to for to, _ in post(claim_for, order)] == [shop.seller.email]
    claim = order.claims.get()
    assert [to for to, _ in post(approve, claim.pk, by=shop.seller)] == [shop.buyer.email]
    assert [to for to, _ in post(receive, claim.pk, by=shop.seller, restock=True)] == [shop.buyer.email]
    claim.refresh_from_db()
    assert [to for to, _ in post(settle_refund, claim.refund_id)] == [shop.buyer.email]
    assert post(settle_refund, claim.refund_id) == []


def test_what_is_cancelled_at_once_is_told_to_both(shop, post):
    sent = post(claim_for, sell(shop))
    assert sorted(to for to, _ in sent) == sorted([shop.buyer.email, shop.seller.email])


def test_taking_a_claim_back_is_told_to_the_seller(shop, post):
    claim = claim_for(sell(shop, status="delivered"))
    assert [to for to, _ in post(take_back, claim.pk, by=shop.buyer)] == [shop.seller.email]


def test_a_dispute_is_told_to_the_other_side_and_its_end_to_both(shop, post):
    order = sell(shop, status="delivered")
    sent = post(open_dispute, order.pk, subject="broken", text="깨졌어요", by=shop.buyer)
    assert [to for to, _ in sent] == [shop.seller.email]
    dispute = order.disputes.get()
    sent = post(say, dispute.pk, side="seller", by=shop.seller, text="아니에요")
    assert [to for to, _ in sent] == [shop.buyer.email]
    sent = post(decide_for_seller, dispute.pk, decision="설명대로예요", by=shop.seller)
    assert [to for to, _ in sent] == [shop.buyer.email, shop.seller.email]
    assert all("설명대로예요" in message.body for message in mail.outbox)


def test_who_left_or_bounced_gets_none(shop, post):
    order = sell(shop)
    note_undeliverable(shop.buyer.email, reason=Undeliverable.Reason.BOUNCED, at=order.created_at)
    shop.seller.is_active = False
    shop.seller.save()
    assert post(claim_for, order) == []


@pytest.mark.parametrize("error", [ProviderRefused("550"), OutcomeUnknown("timeout")])
def test_a_mail_that_may_have_left_or_never_will_is_not_tried_again(shop, monkeypatch, error):
    def fail(self, message):
        raise error

    monkeypatch.setattr(Mailing, "send", fail)
    mail_tasks.mail_new_order.run(sell(shop).pk)


def test_a_mail_that_surely_did_not_leave_is_tried_again(shop, monkeypatch):
    def fail(self, message):
        raise ProviderError("busy")

    monkeypatch.setattr(Mailing, "send", fail)
    order = sell(shop)
    with pytest.raises(ProviderError):
        mail_tasks.mails.mail_new_order(order.pk)
    task = mail_tasks.mail_new_order
    assert (task.acks_late, task.max_retries, task.autoretry_for) == (False, 5, (ProviderError,))


def test_a_doubled_mail_would_show_as_one(shop):
    order = sell(shop)
    for _ in range(2):
        mail_tasks.mails.mail_new_order(order.pk)
    first, second = (message.extra_headers["Message-ID"] for message in mail.outbox)
    assert first == second
