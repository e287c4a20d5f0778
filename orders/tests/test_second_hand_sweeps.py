"""Reminders, and deals that nobody finishes; mails between the two sides."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from catalog.models import Stock
from common.errors import OutcomeUnknown, ProviderError, ProviderRefused
from common.mail import Mailing
from orders.disputes import open_dispute
from orders.models import Meeting, Order, OrderLog
from orders.second_hand.mails import mail_about_meeting, mail_about_offer
from orders.second_hand.no_show import report_missed
from orders.second_hand.offers import accept_offer, counter_offer, decline_offer, withdraw_offer
from orders.second_hand.sweeps import give_up_unfinished, remind_of_meetings, warn_of_unfinished
from orders.second_hand.tasks import lapse_offers, look_after_meetings
from orders.tests.second_hand import NEXT_DOOR, meet, open_stall

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Run what is queued in this process."""
    for task in (mail_about_offer, mail_about_meeting):
        monkeypatch.setattr(task, "delay", lambda *args, task=task: task(*args))


@pytest.fixture
def stall():
    return open_stall()


@pytest.fixture
def order(stall):
    return stall.sell()


def age(order, **ago):
    """Let the order have been paid, and met about, so long ago."""
    then = timezone.now() - timedelta(**ago)
    Order.objects.filter(pk=order.pk).update(paid_at=then)
    Meeting.objects.filter(order=order).update(at=then)


def written():
    return sorted((message.to[0], message.subject) for message in mail.outbox)


def test_both_are_reminded_an_hour_before_and_once(order):
    meet(order, hours=0.9)
    assert remind_of_meetings(timezone.now()) == 1
    assert remind_of_meetings(timezone.now()) == 0
    subject = "곧 만날 시간이에요: 오래된 카메라"
    assert written() == sorted([(order.buyer.email, subject), (order.seller.email, subject)])
    assert "합정역 3번 출구" in mail.outbox[0].body


@pytest.mark.parametrize("hours", [1.1, -0.1])
def test_nobody_is_reminded_too_early_or_too_late(order, hours):
    meet(order, hours=hours)
    assert remind_of_meetings(timezone.now()) == 0


def test_an_order_that_came_to_nothing_reminds_nobody(order):
    meet(order, hours=0.9)
    Order.objects.update(status="cancelled")
    assert remind_of_meetings(timezone.now()) == 0


@pytest.mark.parametrize("met", [True, False])
def test_a_deal_nobody_finishes_is_undone_two_days_after_a_warning(
    order, met, django_capture_on_commit_callbacks
):
    if met:
        meet(order)
    age(order, days=4)
    assert warn_of_unfinished(timezone.now()) == 0
    age(order, days=8)
    assert give_up_unfinished(timezone.now()) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert warn_of_unfinished(timezone.now()) == 1
        assert warn_of_unfinished(timezone.now()) == 0
    assert written() == sorted(
        (member.email, "직거래가 아직 끝나지 않았어요: 오래된 카메라")
        for member in (order.buyer, order.seller)
    )
    assert give_up_unfinished(timezone.now()) == 0
    OrderLog.objects.filter(type="meeting.warned").update(at=timezone.now() - timedelta(days=3))
    assert give_up_unfinished(timezone.now()) == 1
    order.refresh_from_db()
    assert (order.status, order.refunded) == ("cancelled", order.total)
    assert Stock.objects.get().left == 1
    assert give_up_unfinished(timezone.now()) == 0


def test_what_the_staff_look_into_is_left_alone(order):
    meet(order)
    age(order, days=30)
    open_dispute(order.pk, subject="other", text="연락이 안 돼요", by=order.buyer)
    assert (warn_of_unfinished(timezone.now()), give_up_unfinished(timezone.now())) == (0, 0)


def test_what_is_sent_is_none_of_this(stall):
    sent = open_stall(deal="second_hand", names=NEXT_DOOR).sell()
    age(sent, days=30)
    assert (warn_of_unfinished(timezone.now()), give_up_unfinished(timezone.now())) == (0, 0)


def test_a_sale_that_cannot_be_undone_holds_up_no_other(order):
    broken, fine = order, open_stall(names=NEXT_DOOR).sell()
    for each in (broken, fine):
        age(each, days=9)
    warn_of_unfinished(timezone.now())
    OrderLog.objects.filter(type="meeting.warned").update(at=timezone.now() - timedelta(days=3))
    broken.lines.update(returned=1)
    assert give_up_unfinished(timezone.now()) == 1
    fine.refresh_from_db()
    assert fine.status == "cancelled"


def test_the_tasks_do_all_of_it(stall, order):
    meet(order, hours=0.5)
    look_after_meetings()
    lapse_offers()
    assert len(mail.outbox) == 2


def test_each_step_of_an_offer_is_written_to_who_has_to_know(stall, django_capture_on_commit_callbacks):
    buyer, seller = stall.buyer.email, stall.seller.email
    with django_capture_on_commit_callbacks(execute=True):
        offer = stall.offer(7_000)
    with django_capture_on_commit_callbacks(execute=True):
        counter_offer(offer.pk, "seller", price=9_000, message="새것 같아요")
    assert "새것 같아요" in mail.outbox[-1].body
    with django_capture_on_commit_callbacks(execute=True):
        accept_offer(offer.pk, "buyer", seen_price=9_000)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_offer(offer.pk)
    with django_capture_on_commit_callbacks(execute=True):
        other = stall.offer(6_000)
    with django_capture_on_commit_callbacks(execute=True):
        decline_offer(other.pk, "seller")
    assert [(message.to[0], message.subject) for message in mail.outbox] == [
        (seller, "구름님이 7,000원을 제안했어요: 오래된 카메라"),
        (buyer, "골목상점님이 9,000원을 제안했어요: 오래된 카메라"),
        (seller, "구름님이 9,000원에 수락했어요: 오래된 카메라"),
        (seller, "구름님이 제안을 거뒀어요: 오래된 카메라"),
        (seller, "구름님이 6,000원을 제안했어요: 오래된 카메라"),
        (buyer, "골목상점님이 제안을 거절했어요: 오래된 카메라"),
    ]
    assert f"/offers/{other.code}/" in mail.outbox[-1].body


def test_news_that_are_old_by_now_are_not_written(stall):
    offer = stall.offer(7_000)
    counter_offer(offer.pk, "seller", price=9_000)
    mail_about_offer(offer.pk, "seller", "open", 7_000)
    assert not mail.outbox


def test_the_other_side_hears_of_a_meeting_and_of_a_no_show(order, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        meet(order, hours=-1)
    with django_capture_on_commit_callbacks(execute=True):
        report_missed(order.pk, "buyer", by=order.buyer)
    # Both steps of the meeting were one transaction here: the proposal was no news any more when it was committed.
    assert [(message.to[0], message.subject) for message in mail.outbox] == [
        (order.seller.email, "만날 약속이 정해졌어요: 오래된 카메라"),
        (order.seller.email, "만나지 못했다는 신고가 있어요: 오래된 카메라"),
    ]
    assert "48시간 안에" in mail.outbox[-1].body


def test_a_subject_is_one_line(stall):
    stall.product.name = "두 줄\n이름"
    stall.product.save()
    offer = stall.offer(7_000)
    mail_about_offer(offer.pk, "seller", "open", 7_000)
    assert mail.outbox[0].subject == "구름님이 7,000원을 제안했어요: 두 줄 이름"


def test_who_left_gets_no_mail(stall):
    offer = stall.offer(7_000)
    stall.seller.is_active = False
    stall.seller.save()
    mail_about_offer(offer.pk, "seller", "open", 7_000)
    assert not mail.outbox


@pytest.mark.parametrize("error", [ProviderRefused("SMTP 550"), OutcomeUnknown("timeout")])
def test_a_mail_that_may_have_gone_or_never_will_is_not_sent_again(stall, monkeypatch, error, caplog):
    def fail(self, message):
        raise error

    monkeypatch.setattr(Mailing, "send", fail)
    mail_about_offer(stall.offer(7_000).pk, "seller", "open", 7_000)
    assert "mail not delivered" in caplog.text
    assert stall.seller.email not in caplog.text


def test_a_mail_that_surely_did_not_go_is_tried_again(stall, monkeypatch):
    tries = []

    def fail_at_first(self, message):
        tries.append(message)
        if len(tries) < 3:
            raise ProviderError("SMTP 421")

    monkeypatch.setattr(Mailing, "send", fail_at_first)
    mail_about_offer.apply((stall.offer(7_000).pk, "seller", "open", 7_000))
    assert len(tries) == 3


def test_a_lost_task_does_not_write_twice():
    assert not mail_about_offer.acks_late
    assert not mail_about_meeting.acks_late
