from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from chat.actions import say
from chat.models import Message
from chat.moderation import channel_rules, moderators, restricting, room_rules
from chat.moderation.models import Restriction
from chat.moderation.rules import check, forget, rules_of
from chat.refusals import (
    AccountTooNew,
    Banned,
    Frozen,
    LinkBlocked,
    Refusal,
    SlowedDown,
    TimedOut,
    WordBlocked,
)
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db(transaction=True)


def answer(show, member, text="안녕하세요"):
    """Return which refusal the member's message meets, None if it is posted."""
    try:
        say(show.code, member, key=uuid4(), text=text)
    except Refusal as refusal:
        return refusal
    return None


def test_without_rules_everybody_writes(show, seller, moderator, member):
    assert [answer(show, who) for who in (seller, moderator, member)] == [None] * 3


@pytest.mark.parametrize(
    ("set_rule", "text", "refused"),
    [
        (lambda show, by: room_rules.set_frozen(show, True, by=by), "안녕하세요", Frozen),
        (
            lambda show, by: channel_rules.set_link_policy(show, "keepers", by=by),
            "evil.com 오세요",
            LinkBlocked,
        ),
        (
            lambda show, by: channel_rules.add_word(show, "시발", is_allowed=False, by=by),
            "시 발",
            WordBlocked,
        ),
        (lambda show, by: channel_rules.set_new_account_delay(show, 10, by=by), "안녕하세요", AccountTooNew),
    ],
)
def test_a_rule_binds_viewers_at_once_and_keepers_never(
    show, seller, moderator, member, set_rule, text, refused
):
    assert answer(show, member, "먼저 한마디") is None
    set_rule(show, seller)
    assert isinstance(answer(show, member, text), refused)
    assert [answer(show, who, text) for who in (seller, moderator)] == [None, None]


def test_links_may_be_allowed_for_all(show, seller, member):
    assert isinstance(answer(show, member, "naver.com"), LinkBlocked)
    channel_rules.set_link_policy(show, "all", by=seller)
    assert answer(show, member, "naver.com") is None


def test_links_may_be_for_the_seller_alone(show, seller, moderator):
    channel_rules.set_link_policy(show, "nobody", by=seller)
    assert isinstance(answer(show, moderator, "naver.com"), LinkBlocked)
    assert answer(show, seller, "naver.com") is None


def test_slow_mode_makes_viewers_wait(show, seller, moderator, member):
    room_rules.set_slow_mode(show, 30, by=seller)
    assert answer(show, member, "하나") is None
    refused = answer(show, member, "둘")
    assert isinstance(refused, SlowedDown)
    assert 0 < refused.retry_ms <= 30_000
    assert [answer(show, moderator, text) for text in ("하나", "둘")] == [None, None]
    room_rules.set_slow_mode(show, 0, by=seller)
    assert answer(show, member, "셋") is None


def test_an_account_grows_old_enough(show, seller, member):
    channel_rules.set_new_account_delay(show, 60, by=seller)
    refused = answer(show, member)
    assert isinstance(refused, AccountTooNew)
    assert 59 * 60_000 < refused.retry_ms <= 3_600_000
    User.objects.filter(pk=member.pk).update(date_joined=timezone.now() - timedelta(minutes=60))
    member.refresh_from_db()
    assert answer(show, member) is None


def test_who_is_banned_is_banned_in_all_shows_of_the_channel_and_no_other(show, seller, moderator, member):
    next_show = make_broadcast(seller)
    elsewhere = make_broadcast(make_member(), status="live")
    restricting.ban(show, member, by=moderator)
    assert isinstance(answer(show, member), Banned)
    assert isinstance(answer(next_show, member), Banned)
    assert answer(elsewhere, member) is None
    restricting.lift(show, member, by=seller)
    assert answer(show, member) is None
    assert Message.objects.filter(author=member).count() == 2


def test_a_time_out_ends_by_itself(show, seller, member):
    restricting.time_out(show, member, 5, by=seller)
    refused = answer(show, member)
    assert isinstance(refused, TimedOut)
    assert 0 < refused.retry_ms <= 300_000
    Restriction.objects.update(until=timezone.now() - timedelta(seconds=1))
    forget(show)
    assert answer(show, member) is None


def test_a_dismissed_moderator_is_bound_again(show, seller, moderator):
    room_rules.set_frozen(show, True, by=seller)
    assert answer(show, moderator) is None
    moderators.dismiss(show, moderator, by=seller)
    assert isinstance(answer(show, moderator), Frozen)


def test_another_process_reads_the_rules_within_half_a_second(show, seller, member, monkeypatch):
    check(rules_of(show), member, "네")
    kept = dict(_kept_rules())
    room_rules.set_frozen(show, True, by=seller)
    _kept_rules().update(kept)  # as in a process that heard nothing
    check(rules_of(show), member, "네")
    monkeypatch.setattr("chat.moderation.rules.time.monotonic", lambda: kept[show.code][0] + 0.5)
    with pytest.raises(Frozen):
        check(rules_of(show), member, "네")


def _kept_rules():
    from chat.moderation import rules

    return rules._kept


def test_rules_are_read_with_few_queries(show, seller, member, monkeypatch, django_assert_num_queries):
    restricting.ban(show, member, by=seller)
    with django_assert_num_queries(5):
        rules_of(show)
    with django_assert_num_queries(0):
        rules_of(show)
    monkeypatch.setattr("chat.moderation.rules.FRESH_SECONDS", 0)
    with django_assert_num_queries(1):
        rules_of(show)
