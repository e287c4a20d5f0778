"""Handing over in person: the meeting, the code, and the ways out when nobody comes."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.models import Stock
from common.errors import IllegalMove
from orders.disputes import is_open, withdraw_dispute
from orders.models import Dispute, Meeting, OrderLog, Transfer
from orders.second_hand import hand_over as hand_over_module
from orders.second_hand.codes import code_of, is_code, new_digest
from orders.second_hand.hand_over import TooManyTries, WrongCode, hand_over, note_received
from orders.second_hand.meetings import MOVES, MeetingRefused, agree_meeting, move_meeting, propose_meeting
from orders.second_hand.no_show import contest_missed, contest_until, report_missed
from orders.second_hand.sweeps import settle_missed
from orders.tests.second_hand import NEXT_DOOR, code_for, meet, open_stall, wrong_code_for
from orders.tests.shop import log_of

pytestmark = pytest.mark.django_db

Status = Meeting.Status


@pytest.fixture
def order():
    return open_stall().sell()


def tomorrow(**more):
    return timezone.now() + timedelta(days=1, **more)


def propose(order, side="seller", **changes):
    by = order.seller if side == "seller" else order.buyer
    return propose_meeting(order.pk, side, **({"place": "합정역", "at": tomorrow(), "by": by} | changes))


def status_of(order):
    order.refresh_from_db()
    return order.status


def held():
    """Won that the books keep for buyers."""
    rows = Transfer.objects.all()
    came = sum(row.amount for row in rows if row.credit == Transfer.Account.HELD)
    return came - sum(row.amount for row in rows if row.debit == Transfer.Account.HELD)


def test_a_direct_deal_needs_no_address_and_costs_no_shipping(order):
    assert not order.checkout.needs_address
    assert order.shipping == 0


def test_goods_that_are_sent_need_an_address():
    order = open_stall(deal="second_hand").sell()
    assert order.checkout.needs_address


def test_one_proposes_and_the_other_agrees(order):
    meeting = propose(order)
    assert (meeting.status, meeting.proposed_by) == (Status.PROPOSED, "seller")
    with pytest.raises(MeetingRefused, match="답을 기다리고"):
        agree_meeting(order.pk, "seller", seen_at=meeting.at, by=order.seller)
    assert agree_meeting(order.pk, "buyer", seen_at=meeting.at, by=order.buyer).status == Status.AGREED
    assert log_of(order)[-2:] == ["meeting.proposed", "meeting.agreed"]


def test_agreeing_twice_is_agreeing_once(order):
    meeting = propose(order)
    for _ in range(2):
        agree_meeting(order.pk, "buyer", seen_at=meeting.at, by=order.buyer)
    assert log_of(order).count("meeting.agreed") == 1


def test_another_time_is_the_others_turn_again(order):
    propose(order)
    meeting = propose(order, "buyer", place="망원역", at=tomorrow(hours=2))
    assert (meeting.proposed_by, meeting.place) == ("buyer", "망원역")
    assert Meeting.objects.count() == 1


def test_only_what_was_seen_is_agreed_to(order):
    seen = propose(order).at
    propose(order, at=tomorrow(hours=3))
    with pytest.raises(MeetingRefused, match="약속이 바뀌었어요"):
        agree_meeting(order.pk, "buyer", seen_at=seen, by=order.buyer)


@pytest.mark.parametrize("days", [-1, 31])
def test_a_meeting_lies_within_a_month(order, days):
    with pytest.raises(MeetingRefused, match="30일"):
        propose(order, at=timezone.now() + timedelta(days=days))


def test_a_time_that_passed_cannot_be_agreed_to(order):
    propose(order)
    past = timezone.now() - timedelta(minutes=1)
    Meeting.objects.update(at=past)
    with pytest.raises(MeetingRefused, match="지난 시간"):
        agree_meeting(order.pk, "buyer", seen_at=past, by=order.buyer)


def test_what_is_sent_or_over_has_no_meeting(order):
    sent = open_stall(deal="second_hand", names=NEXT_DOOR).sell()
    with pytest.raises(MeetingRefused, match="직거래 주문이 아니에요"):
        propose(sent)
    meet(order)
    hand_over(order.pk, code_for(order), by=order.seller)
    with pytest.raises(MeetingRefused, match="이미 끝났거나"):
        propose(order)


@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("to", Status.values)
def test_every_pair_of_statuses_moves_as_the_table_says(order, before, to):
    meeting = propose(order)
    Meeting.objects.update(status=before)
    meeting.refresh_from_db()
    if to in MOVES[before]:
        move_meeting(order, meeting, to, by=None)
    else:
        with pytest.raises(IllegalMove):
            move_meeting(order, meeting, to, by=None)
    meeting.refresh_from_db()
    assert meeting.status == (to if to in MOVES[before] else before)


def test_the_table_names_every_status():
    assert set(MOVES) == set(Status)


def test_the_code_pays_the_seller(order):
    meet(order)
    assert held() == order.total
    hand_over(order.pk, code_for(order), by=order.seller)
    assert status_of(order) == "confirmed"
    assert Meeting.objects.get().status == Status.DONE
    assert log_of(order)[-3:] == ["meeting.done", "order.delivered", "order.confirmed"]
    assert held() == 0


def test_the_code_is_good_once(order):
    meet(order)
    code = code_for(order)
    hand_over(order.pk, code, by=order.seller)
    with pytest.raises(MeetingRefused):
        hand_over(order.pk, code, by=order.seller)


def test_the_buyers_word_is_as_good_as_the_code(order):
    meet(order)
    note_received(order.pk, by=order.buyer)
    assert status_of(order) == "confirmed"


def test_there_is_no_code_before_a_meeting(order):
    with pytest.raises(MeetingRefused, match="약속을 정해"):
        hand_over(order.pk, "000000", by=order.seller)


def test_a_wrong_code_changes_nothing_but_is_counted(order):
    meet(order)
    with pytest.raises(WrongCode):
        hand_over(order.pk, wrong_code_for(order), by=order.seller)
    assert status_of(order) == "paid"
    assert Meeting.objects.get().wrong_tries == 1
    assert log_of(order)[-1] == "meeting.wrong_code"


def test_after_five_wrong_codes_even_the_right_one_waits(order):
    meet(order)
    for _ in range(5):
        with pytest.raises(WrongCode):
            hand_over(order.pk, wrong_code_for(order), by=order.seller)
    with pytest.raises(TooManyTries, match="15분"):
        hand_over(order.pk, code_for(order), by=order.seller)
    OrderLog.objects.filter(type="meeting.wrong_code").update(at=timezone.now() - timedelta(minutes=16))
    with pytest.raises(WrongCode):
        hand_over(order.pk, wrong_code_for(order), by=order.seller)
    assert Meeting.objects.get().wrong_tries == 1
    hand_over(order.pk, code_for(order), by=order.seller)
    assert status_of(order) == "confirmed"


def test_who_goes_on_guessing_is_stopped_for_good(order, monkeypatch):
    monkeypatch.setattr(hand_over_module, "TRIES_EVER", 1)
    meet(order)
    with pytest.raises(WrongCode):
        hand_over(order.pk, wrong_code_for(order), by=order.seller)
    OrderLog.objects.filter(type="meeting.wrong_code").update(at=timezone.now() - timedelta(days=1))
    with pytest.raises(TooManyTries, match="구매자가"):
        hand_over(order.pk, code_for(order), by=order.seller)
    note_received(order.pk, by=order.buyer)
    assert status_of(order) == "confirmed"


def test_codes_are_six_digits_that_differ_and_stand_nowhere(order):
    meeting = meet(order)
    code, others = code_for(order), open_stall(names=NEXT_DOOR).sell()
    assert len(code) == 6
    assert code.isdigit()
    assert code_of(others, new_digest(others)) != code
    assert code not in meeting.code_digest
    assert not is_code(others, meeting.code_digest, code)


def test_a_code_outlives_a_change_of_the_sites_secret(order, settings):
    meet(order)
    code = code_for(order)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "s" * 60
    assert code_for(order) == code
    hand_over(order.pk, code, by=order.seller)
    assert status_of(order) == "confirmed"


def test_without_the_old_secret_no_code_fits(order, settings):
    meet(order)
    settings.SECRET_KEY = "another-" + "s" * 60
    assert code_for(order) == ""
    with pytest.raises(WrongCode):
        hand_over(order.pk, "", by=order.seller)


def test_nobody_is_late_before_the_time(order):
    meet(order, hours=-0.2)
    with pytest.raises(MeetingRefused, match="15분"):
        report_missed(order.pk, "buyer", by=order.buyer)


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_a_no_show_gives_the_money_back_unless_it_is_contested(order, side):
    meet(order, hours=-1)
    report_missed(order.pk, side, by=None)
    meeting = Meeting.objects.get()
    until = contest_until(meeting)
    assert meeting.missed_by != side
    assert until - timezone.now() > timedelta(hours=settings.NO_SHOW_HOURS - 1)
    assert settle_missed(until - timedelta(seconds=1)) == 0
    OrderLog.objects.filter(type="meeting.missed").update(at=timezone.now() - timedelta(days=3))
    assert settle_missed(timezone.now()) == 1
    assert status_of(order) == "cancelled"
    assert order.refunded == order.total
    assert Stock.objects.get().left == 1
    assert Meeting.objects.get().status == Status.CANCELLED
    assert settle_missed(timezone.now()) == 0


def test_who_is_said_to_have_missed_it_may_not_just_move_it(order):
    meet(order, hours=-1)
    report_missed(order.pk, "buyer", by=order.buyer)
    with pytest.raises(MeetingRefused, match="신고"):
        propose(order, "seller")
    assert propose(order, "buyer").status == Status.PROPOSED


def test_reporting_twice_is_reporting_once(order):
    meet(order, hours=-1)
    for _ in range(2):
        report_missed(order.pk, "buyer", by=order.buyer)
    assert log_of(order).count("meeting.missed") == 1
    with pytest.raises(MeetingRefused):
        report_missed(order.pk, "seller", by=order.seller)


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_a_contested_no_show_is_for_the_staff(order, side):
    meet(order, hours=-1)
    other = "seller" if side == "buyer" else "buyer"
    report_missed(order.pk, other, by=None)
    with pytest.raises(MeetingRefused, match="신고가 없어요"):
        contest_missed(order.pk, other, text="왔어요", by=None)
    contest_missed(order.pk, side, text="10분 먼저 와서 기다렸어요", by=getattr(order, side))
    assert is_open(order)
    said = Dispute.objects.get().messages.get()
    assert (said.side, said.text) == (side, "10분 먼저 와서 기다렸어요")
    OrderLog.objects.filter(type="meeting.missed").update(at=timezone.now() - timedelta(days=9))
    assert settle_missed(timezone.now()) == 0
    with pytest.raises(MeetingRefused, match="운영팀"):
        note_received(order.pk, by=order.buyer)


def test_after_a_dispute_was_taken_back_all_goes_on(order):
    meet(order, hours=-1)
    report_missed(order.pk, "seller", by=order.seller)
    contest_missed(order.pk, "buyer", text="착오였어요", by=order.buyer)
    withdraw_dispute(Dispute.objects.get().pk, by=order.buyer)
    assert Meeting.objects.get().status == Status.AGREED
    hand_over(order.pk, code_for(order), by=order.seller)
    assert status_of(order) == "confirmed"
