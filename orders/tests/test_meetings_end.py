"""A direct deal that is cancelled has no meeting any more, whichever road led there."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from orders.access import GUEST_CHECKOUTS
from orders.claims import approve, ask, refund_by_seller
from orders.deciding import decide_for_buyer, decide_for_seller, refund_by_staff
from orders.disputes import open_dispute
from orders.models import Checkout, Meeting, Order, OrderLog
from orders.second_hand.ending import end_meeting
from orders.second_hand.hand_over import hand_over, note_received
from orders.second_hand.mails import SOON, mail_about_meeting
from orders.second_hand.meetings import MeetingRefused, agree_meeting, propose_meeting
from orders.second_hand.no_show import report_missed
from orders.second_hand.sweeps import (
    end_meetings,
    give_up_unfinished,
    remind_of_meetings,
    settle_missed,
    warn_of_unfinished,
)
from orders.tests.second_hand import code_for, meet, open_stall
from tests.makers import make_member

pytestmark = pytest.mark.django_db
CANCELLED = "직거래가 취소됐어요: 오래된 카메라"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Run what is queued about meetings in this process."""
    monkeypatch.setattr(mail_about_meeting, "delay", lambda *args: mail_about_meeting(*args))


@pytest.fixture
def order():
    return open_stall().sell()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Do something as a transaction of its own: what waits for the commit happens."""

    def run(action, *arguments, **options):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            return action(*arguments, **options)

    return run


def everything(order):
    return {line.pk: line.quantity - line.returned for line in order.lines.all()}


def told():
    return sorted(message.to[0] for message in mail.outbox if message.subject == CANCELLED)


def cancel(order, **options):
    return ask(
        order.pk, everything(order), **{"kind": "cancel", "reason": "mind", "by": order.buyer} | options
    )


def refund_of_seller(order):
    refund_by_seller(order.pk, everything(order), text="팔 수 없어요", by=order.seller, restock=True)


def refund_of_staff(order):
    by = make_member(is_staff=True)
    refund_by_staff(order.pk, everything(order), reason="신고된 상품", by=by, restock=False)


def decision_for_buyer(order):
    dispute = open_dispute(order.pk, subject="other", text="연락이 안 돼요", by=order.buyer)
    by = make_member(is_staff=True)
    decide_for_buyer(dispute.pk, everything(order), decision="연락이 없어요", by=by, restock=True)


def approved_claim(order):
    Order.objects.filter(pk=order.pk).update(status="preparing")
    order.refresh_from_db()
    approve(cancel(order).pk, by=order.seller)


def missed(order):
    Meeting.objects.filter(order=order).update(at=timezone.now() - timedelta(hours=1))
    report_missed(order.pk, "buyer", by=order.buyer)
    OrderLog.objects.filter(type="meeting.missed").update(at=timezone.now() - timedelta(days=3))
    settle_missed(timezone.now())


def unfinished(order):
    long_ago = timezone.now() - timedelta(days=9)
    Order.objects.filter(pk=order.pk).update(paid_at=long_ago)
    Meeting.objects.filter(order=order).update(at=long_ago)
    warn_of_unfinished(timezone.now())
    OrderLog.objects.filter(type="meeting.warned").update(at=timezone.now() - timedelta(days=3))
    give_up_unfinished(timezone.now())


ROADS = {
    "the buyer cancels": (cancel, {"seller"}),
    "the seller agrees to a cancellation": (approved_claim, {"buyer"}),
    "the seller gives the money back": (refund_of_seller, {"buyer"}),
    "staff give the money back": (refund_of_staff, {"buyer", "seller"}),
    "staff decide for the buyer": (decision_for_buyer, {"buyer", "seller"}),
    "somebody did not come": (missed, {"seller"}),
    "nobody finished it": (unfinished, {"seller"}),
}


@pytest.mark.parametrize("road", ROADS)
def test_every_road_to_cancelled_ends_the_meeting(client, order, commit, road):
    meet(order, hours=0.5)
    code = code_for(order)
    go, sides = ROADS[road]
    commit(go, order)
    order.refresh_from_db()
    assert (order.status, order.refunded) == ("cancelled", order.total)
    assert Meeting.objects.get().status == "cancelled"
    assert order.log.filter(type="meeting.cancelled").count() == 1
    assert told() == sorted(getattr(order, side).email for side in sides)
    for act in (
        lambda: hand_over(order.pk, code, by=order.seller),
        lambda: note_received(order.pk, by=order.buyer),
        lambda: propose_meeting(
            order.pk, "buyer", place="역", at=timezone.now() + timedelta(days=1), by=None
        ),
        lambda: agree_meeting(order.pk, "buyer", seen_at=timezone.now(), by=None),
    ):
        with pytest.raises(MeetingRefused):
            act()
    assert (remind_of_meetings(timezone.now()), end_meetings()) == (0, 0)
    for member in (order.buyer, order.seller):
        client.force_login(member)
        part = client.get(reverse("orders:meeting", args=[order.code]), headers={"HX-Request": "true"})
        page = part.content.decode()
        assert "직거래가 취소됐어요" in page
        assert code not in page
        assert "<form" not in page


def test_a_guest_who_cancels_tells_the_seller(client, order, commit):
    meet(order)
    Order.objects.update(buyer=None)
    Checkout.objects.update(buyer=None, email="guest@example.com")
    session = client.session
    session[GUEST_CHECKOUTS] = [order.checkout.code]
    session.save()
    answers = {f"line_{pk}": str(count) for pk, count in everything(order).items()} | {"reason": "mind"}
    commit(client.post, reverse("orders:claim", args=[order.code]), answers)
    assert Meeting.objects.get().status == "cancelled"
    assert told() == [order.seller.email]


def test_the_page_of_cancelling_says_that_the_meeting_goes_too(client, order):
    client.force_login(order.buyer)
    page = client.get(reverse("orders:claim", args=[order.code])).content.decode()
    assert "만날 약속도 함께 취소돼요" in page


def test_the_mail_names_what_nobody_has_to_come_to(order, commit):
    meet(order)
    commit(cancel, order)
    (body,) = [message.body for message in mail.outbox if message.subject == CANCELLED]
    assert "합정역 3번 출구 약속도 함께 취소됐어요" in body
    assert "모두 돌아가요" in body


def test_a_deal_nobody_spoke_about_is_cancelled_in_words(order, commit):
    commit(unfinished, order)
    (message,) = [message for message in mail.outbox if message.subject == CANCELLED]
    assert message.to == [order.seller.email]
    assert "약속도" not in message.body


def test_a_cancellation_that_is_only_asked_for_leaves_the_meeting(order, commit):
    meet(order)
    Order.objects.filter(pk=order.pk).update(status="preparing")
    order.refresh_from_db()
    commit(cancel, order)
    assert Meeting.objects.get().status == "agreed"
    commit(remind_of_meetings, timezone.now() + timedelta(hours=23.5))
    assert len(mail.outbox) == 2


def test_a_decision_for_the_seller_ends_it_as_done(order, commit):
    meet(order)
    dispute = commit(open_dispute, order.pk, subject="other", text="받지 못했어요", by=order.buyer)
    commit(decide_for_seller, dispute.pk, decision="사진을 확인했어요", by=make_member(is_staff=True))
    assert Meeting.objects.get().status == "done"
    assert told() == []


def test_news_that_were_lost_are_caught_up_with(order):
    meet(order)
    cancel(order)
    assert Meeting.objects.get().status == "agreed"
    assert end_meetings() == 1
    assert Meeting.objects.get().status == "cancelled"
    assert end_meetings() == 0


def test_a_reminder_that_was_queued_before_stays_at_home(order):
    meet(order, hours=0.5)
    cancel(order)
    mail_about_meeting(order.pk, "seller", "agreed", SOON)
    assert mail.outbox == []


def test_what_runs_or_has_no_meeting_is_left_alone(order):
    assert not end_meeting(order.pk)
    meet(order)
    assert not end_meeting(order.pk)
    assert Meeting.objects.get().status == "agreed"
