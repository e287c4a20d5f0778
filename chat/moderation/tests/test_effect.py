"""What is decided about the chat reaches every viewer within a second, and outlives a reload and a new sign-in."""

import time

import pytest

from chat.moderation import hiding, moderators, restricting, room_rules

AT_MOST_SECONDS = 1.0

pytestmark = pytest.mark.django_db(transaction=True)


def elapsed_until(tabs, kind, act, **fields):
    """Do it; return how many seconds later the last of the tabs knew."""
    began = time.monotonic()
    act()
    events = [tab.next(kind, **fields) for tab in tabs]
    return time.monotonic() - began, events


def test_everybody_hears_of_it_within_a_second(visit, show, seller, member):
    writer = visit(member).open(show.code)
    tabs = [visit().open(show.code) for _ in range(20)]
    writer.next("chat.message", key=writer.say("나쁜 말"))
    acts = {
        "chat.hidden": lambda: hiding.hide_message(show, 1, by=seller),
        "chat.shown": lambda: hiding.show_message(show, 1, by=seller),
        "chat.rules": lambda: room_rules.set_frozen(show, True, by=seller),
        "chat.member_restricted": lambda: restricting.ban(show, member, by=seller),
    }
    for kind, act in acts.items():
        seconds, events = elapsed_until(tabs, kind, act)
        assert seconds < AT_MOST_SECONDS, kind
        assert events == events[:1] * len(tabs)
    assert [event["member"] for event in events] == [member.code] * len(tabs)
    assert events[0]["kind"] == "ban"


def restriction_of(tab):
    """What a page knows on joining: a state that may be a second old, and the news since."""
    return tab.sync()["you"]["restriction"] or tab.next("chat.member_restricted")


def test_a_banned_member_stays_banned_however_they_come_back(visit, show, seller, member):
    tab = visit(member).open(show.code)
    restricting.ban(show, member, by=seller)
    assert tab.next("chat.member_restricted")["member"] == member.code

    for again in (tab, visit(member).open(show.code)):
        assert restriction_of(again)["kind"] == "ban"
        deadline = time.monotonic() + AT_MOST_SECONDS
        key = again.say("저예요")
        assert again.next("chat.refused", key=key)["code"] == "banned"
        assert time.monotonic() < deadline

    restricting.lift(show, member, by=seller)
    assert tab.next("chat.member_restricted")["kind"] == ""


def reply_to(tab, key):
    while True:
        for event in tab.settle():
            if event.get("key") == key:
                return event


def test_a_message_sent_a_second_after_freezing_is_refused_by_every_process(visit, show, seller, member):
    tab = visit(member).open(show.code)
    tab.next("chat.message", key=tab.say("먼저"))  # the server has read the rules
    room_rules.set_frozen(show, True, by=seller)
    frozen_at = time.monotonic()
    reply = {}
    while reply.get("code") != "frozen":
        sent_at = time.monotonic()
        reply = reply_to(tab, tab.say(f"아직 되나요 {sent_at}"))
        assert reply.get("code") == "frozen" or sent_at - frozen_at < AT_MOST_SECONDS
        time.sleep(0.1)  # a socket may send so many frames and no more


def test_hidden_messages_stay_hidden_for_who_comes_later(visit, show, seller, member):
    tab = visit(member).open(show.code)
    for text in ("좋은 말", "나쁜 말", "또 좋은 말"):
        tab.next("chat.message", key=tab.say(text))
    hiding.hide_message(show, 2, by=seller)
    late = visit().open(show.code)
    news = late.settle()
    seen = {row["seq"]: row for row in [*late.state["history"], *news] if "seq" in row}
    hidden = {seq for event in news if event["type"] == "chat.hidden" for seq in event["seqs"]}
    hidden |= {seq for seq, row in seen.items() if row["hidden"]}
    assert (set(seen), hidden) == ({1, 2, 3}, {2})
    hiding.show_message(show, 2, by=seller)
    assert late.next("chat.shown")["message"]["text"] == "나쁜 말"


def test_late_joiners_know_the_rules_and_who_they_are(visit, show, seller, member):
    room_rules.pin_notice(show, "오늘만 무료배송", by=seller)
    room_rules.set_slow_mode(show, 10, by=seller)
    moderators.appoint(show, member.nickname, by=seller)
    tab = visit(member).open(show.code)
    assert tab.state["rules"] == {
        "version": 2,
        "frozen": False,
        "slow_seconds": 10,
        "notice": "오늘만 무료배송",
    }
    assert tab.state["you"]["keeps_order"]
    assert tab.state["you"]["code"] == member.code
    assert not visit().open(show.code).state["you"]["keeps_order"]
