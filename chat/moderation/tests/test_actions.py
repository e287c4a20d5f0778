from uuid import uuid4

import pytest
from django.utils import timezone

from broadcasts.models import Moderator
from chat.actions import say
from chat.history import read_room
from chat.models import Message
from chat.moderation import channel_rules, hiding, moderators, reporting, restricting, room_rules
from chat.moderation.models import BlockedWord, CannedReply, ModerationLog, Report, Restriction, RoomRules
from chat.moderation.refusals import (
    BadSetting,
    BadWord,
    NoSuchMember,
    NoSuchMessage,
    NotAllowed,
    TooLong,
    TooMany,
)
from chat.refusals import EmptyText
from tests.makers import make_broadcast, make_member


def post(show, author, text="나쁜 말"):
    return say(show.code, author, key=uuid4(), text=text).seq


def acts(show):
    return list(ModerationLog.objects.filter(broadcast=show).order_by("pk").values_list("act", flat=True))


def history(show):
    return [
        (message.seq, message.text, message.hidden) for message in read_room(show.code, None).state.history
    ]


def test_a_hidden_message_keeps_its_place_and_says_nothing(show, moderator, member):
    first, second = post(show, member), post(show, member, "좋은 말")
    hiding.hide_message(show, first, by=moderator)
    hiding.hide_message(show, first, by=moderator)
    assert history(show) == [(first, "", True), (second, "좋은 말", False)]
    assert acts(show) == ["hide"]
    row = ModerationLog.objects.get()
    assert (row.by, row.member, row.detail) == (moderator, member, "나쁜 말")

    hiding.show_message(show, first, by=moderator)
    hiding.show_message(show, first, by=moderator)
    assert history(show)[0] == (first, "나쁜 말", False)
    assert acts(show) == ["hide", "show"]


def test_all_a_member_said_in_this_show_is_hidden(show, seller, moderator, member):
    other_show = make_broadcast(seller)
    elsewhere = post(other_show, member, "다른 방송")
    seqs = [post(show, member, text) for text in "가나다"]
    kept = post(show, make_member(), "남의 말")
    assert hiding.hide_messages_of(show, member, by=moderator) == 3
    assert hiding.hide_messages_of(show, member, by=moderator) == 0
    visible = Message.objects.filter(hidden_at=None).values_list("room__broadcast", "seq")
    assert set(visible) == {(show.pk, kept), (other_show.pk, elsewhere)}
    assert seqs == [1, 2, 3]
    assert acts(show) == ["hide_all"]


def test_only_the_seller_and_staff_hide_what_the_seller_said(show, seller, moderator):
    seq = post(show, seller)
    with pytest.raises(NotAllowed):
        hiding.hide_message(show, seq, by=moderator)
    with pytest.raises(NotAllowed):
        hiding.hide_messages_of(show, seller, by=moderator)
    hiding.hide_message(show, seq, by=make_member(is_staff=True))
    hiding.show_message(show, seq, by=seller)
    hiding.hide_message(show, seq, by=seller)


def test_a_message_of_another_room_is_not_found(show, seller, member):
    seq = post(make_broadcast(make_member(), status="live"), member)
    for action in (hiding.hide_message, hiding.show_message, hiding.keep_message):
        with pytest.raises(NoSuchMessage):
            action(show, seq, by=seller)


@pytest.mark.parametrize("target", ["seller", "moderator", "itself"])
def test_nobody_restricts_those_who_keep_order(show, seller, moderator, target):
    other = make_member()
    Moderator.objects.create(channel=show.channel, member=other)
    member = {"seller": seller, "moderator": other, "itself": moderator}[target]
    for by in (seller, moderator):
        with pytest.raises(NotAllowed):
            restricting.ban(show, member, by=by)
        with pytest.raises(NotAllowed):
            restricting.time_out(show, member, 5, by=by)
    assert not Restriction.objects.exists()
    assert acts(show) == []


def test_one_restriction_stands_and_the_last_one_counts(show, seller, moderator, member):
    restricting.time_out(show, member, 1440, by=moderator)
    restricting.time_out(show, member, 5, by=moderator)
    restricting.time_out(show, member, 5, by=moderator)  # the same press twice
    standing = Restriction.objects.standing().get()
    assert 290 < (standing.until - timezone.now()).total_seconds() <= 300
    restricting.ban(show, member, by=seller)
    restricting.ban(show, member, by=seller)
    assert Restriction.objects.standing().get().kind == "ban"
    restricting.lift(show, member, by=seller)
    restricting.lift(show, member, by=seller)
    assert not Restriction.objects.standing().exists()
    assert acts(show) == ["timeout", "timeout", "ban", "lift"]


@pytest.mark.parametrize("minutes", [0, 2, 60, 999_999])
def test_only_the_offered_times(show, seller, member, minutes):
    with pytest.raises(BadSetting):
        restricting.time_out(show, member, minutes, by=seller)


def test_room_rules_grow_in_version_only_with_a_change(show, seller):
    room_rules.set_slow_mode(show, 10, by=seller)
    room_rules.set_slow_mode(show, 10, by=seller)
    room_rules.set_frozen(show, True, by=seller)
    room_rules.pin_notice(show, " 오늘만 \n 무료배송 ", by=seller)
    rules = RoomRules.objects.get(pk=show.pk)
    assert (rules.version, rules.slow_seconds, rules.frozen, rules.notice) == (3, 10, True, "오늘만 무료배송")
    assert rules.pinned_at
    room_rules.unpin_notice(show, by=seller)
    room_rules.unpin_notice(show, by=seller)
    room_rules.set_frozen(show, False, by=seller)
    state = read_room(show.code, None).state.rules
    assert (state.version, state.notice, state.frozen, state.slow_seconds) == (5, "", False, 10)
    assert acts(show) == ["slow", "freeze", "pin", "unpin", "thaw"]


def test_what_cannot_be_set_is_refused(show, seller):
    with pytest.raises(BadSetting):
        room_rules.set_slow_mode(show, 7, by=seller)
    with pytest.raises(EmptyText):
        room_rules.pin_notice(show, " \u200b ", by=seller)
    with pytest.raises(TooLong):
        room_rules.pin_notice(show, "가" * 201, by=seller)
    with pytest.raises(BadSetting):
        channel_rules.set_link_policy(show, "some", by=seller)
    with pytest.raises(BadSetting):
        channel_rules.set_new_account_delay(show, 7, by=seller)
    assert acts(show) == []


def test_words_are_kept_once_and_may_change_sides(show, seller, monkeypatch):
    for _ in range(2):
        channel_rules.add_word(show, " 시발 ", is_allowed=False, by=seller)
    channel_rules.add_word(show, "시발", is_allowed=True, by=seller)
    assert BlockedWord.objects.get().is_allowed
    for bad, why in (("ㅋㅋ", BadWord), ("!!", BadWord), (" ", EmptyText), ("가나" * 21, TooLong)):
        with pytest.raises(why):
            channel_rules.add_word(show, bad, is_allowed=False, by=seller)
    monkeypatch.setattr(channel_rules, "MOST_WORDS", 1)
    with pytest.raises(TooMany):
        channel_rules.add_word(show, "다른 말", is_allowed=False, by=seller)
    channel_rules.drop_word(show, "시발", by=seller)
    channel_rules.drop_word(show, "시발", by=seller)
    assert acts(show) == ["block_word", "allow_word", "drop_word"]


def test_canned_replies_are_kept_once(show, moderator, monkeypatch):
    for _ in range(2):
        channel_rules.add_reply(show, "배송은 이틀 걸려요.", by=moderator)
    monkeypatch.setattr(channel_rules, "MOST_REPLIES", 1)
    with pytest.raises(TooMany):
        channel_rules.add_reply(show, "하나 더", by=moderator)
    channel_rules.drop_reply(show, "배송은 이틀 걸려요.", by=moderator)
    assert not CannedReply.objects.exists()
    assert acts(show) == ["add_reply", "drop_reply"]


@pytest.mark.parametrize("name", ["보는사람", " 보는사람 ", "viewer01"])
def test_a_moderator_is_appointed_by_nickname_or_id(show, seller, name):
    member = make_member(nickname="보는사람", username="viewer01")
    restricting.ban(show, member, by=seller)
    moderators.appoint(show, name, by=seller)
    moderators.appoint(show, name, by=seller)
    assert Moderator.objects.get().member == member
    assert not Restriction.objects.standing().exists()
    moderators.dismiss(show, member, by=seller)
    moderators.dismiss(show, member, by=seller)
    assert not Moderator.objects.exists()
    assert acts(show) == ["ban", "appoint", "lift", "dismiss"]


def test_a_nickname_comes_before_anothers_id(show, seller):
    make_member(username="bora2000")
    named = make_member(nickname="bora2000")
    moderators.appoint(show, "bora2000", by=seller)
    assert Moderator.objects.get().member == named


def test_who_cannot_be_appointed(show, seller, monkeypatch):
    for name in ("", "없는사람"):
        with pytest.raises(NoSuchMember):
            moderators.appoint(show, name, by=seller)
    with pytest.raises(NoSuchMember):
        moderators.appoint(show, make_member(is_active=False).nickname, by=seller)
    with pytest.raises(NotAllowed):
        moderators.appoint(show, seller.nickname, by=seller)
    monkeypatch.setattr(moderators, "MOST_MODERATORS", 0)
    with pytest.raises(TooMany):
        moderators.appoint(show, make_member().nickname, by=seller)


def test_reports_gather_per_message_until_somebody_decides(show, seller, moderator, member):
    bad, fine = post(show, member), post(show, member, "괜찮은 말")
    viewers = [make_member() for _ in range(3)]
    for viewer in viewers:
        reporting.report_message(show, bad, "abuse", by=viewer)
        reporting.report_message(show, bad, "spam", by=viewer)
    reporting.report_message(show, fine, "other", by=viewers[0])
    queue = reporting.waiting_reports(show)
    assert [(row.message.seq, row.times, row.reasons) for row in queue] == [
        (bad, 3, ["욕설·비방"]),
        (fine, 1, ["그 밖의 이유"]),
    ]
    hiding.hide_message(show, bad, by=moderator)
    hiding.keep_message(show, fine, by=seller)
    hiding.keep_message(show, fine, by=seller)
    assert reporting.waiting_reports(show) == []
    assert set(Report.objects.values_list("outcome", "decided_by")) == {
        ("hidden", moderator.pk),
        ("kept", seller.pk),
    }
    assert acts(show) == ["hide", "keep"]


def test_what_cannot_be_reported(show, seller, member):
    seq = post(show, member)
    with pytest.raises(NotAllowed):
        reporting.report_message(show, seq, "abuse", by=member)
    with pytest.raises(BadSetting):
        reporting.report_message(show, seq, "boring", by=seller)
    hiding.hide_message(show, seq, by=seller)
    for missing in (seq, 999):
        with pytest.raises(NoSuchMessage):
            reporting.report_message(show, missing, "abuse", by=seller)
    assert not Report.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_keepers_at_once_leave_one_restriction_and_every_version():
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    show = make_broadcast(make_member(), status="live")
    member = make_member()
    seller = show.channel.member

    def restrict(number):
        try:
            if number % 2:
                restricting.ban(show, member, by=seller)
            else:
                restricting.time_out(show, member, 5, by=seller)
            room_rules.set_slow_mode(show, (3, 5, 10)[number % 3], by=seller)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(restrict, range(24)))

    assert Restriction.objects.filter(lifted_at=None).count() == 1
    changes = ModerationLog.objects.filter(act="slow").count()
    assert RoomRules.objects.get(pk=show.pk).version == changes
