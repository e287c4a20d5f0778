from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from broadcasts.models import Moderator
from chat.actions import say
from chat.models import Message
from chat.moderation import hiding
from chat.moderation.models import (
    BlockedWord,
    CannedReply,
    ChannelRules,
    ModerationLog,
    Report,
    Restriction,
    RoomRules,
)
from tests.makers import make_broadcast, make_member

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def said(show, member):
    say(show.code, member, key=uuid4(), text="나쁜 말")
    return Message.objects.get()


def url(name, show):
    return reverse(f"chat:{name}", args=[show.code])


def others_moderator():
    member = make_member()
    Moderator.objects.create(channel=make_broadcast(make_member()).channel, member=member)
    return member


def acts_on(said):
    """Every act with the data it takes."""
    author = said.author.code
    return [
        ("judge_message", {"verb": "hide", "seq": said.seq}),
        ("judge_message", {"verb": "show", "seq": said.seq}),
        ("judge_message", {"verb": "keep", "seq": said.seq}),
        ("judge_member", {"verb": "hide", "member": author}),
        ("judge_member", {"verb": "timeout", "member": author, "minutes": 5}),
        ("judge_member", {"verb": "ban", "member": author}),
        ("judge_member", {"verb": "lift", "member": author}),
        ("moderation_room", {"slow": 10}),
        ("moderation_room", {"frozen": 1}),
        ("moderation_room", {"notice": "공지예요"}),
        ("moderation_room", {"notice": ""}),
        ("moderation_channel", {"links": "all"}),
        ("moderation_channel", {"new_account": 10}),
        ("moderation_word", {"verb": "block", "text": "시발"}),
        ("moderation_reply", {"verb": "add", "text": "이틀 걸려요"}),
    ]


FOR_THE_SELLER = [
    ("moderation_moderator", lambda member: {"name": member.nickname}),
    ("moderation_moderator", lambda member: {"member": member.code}),
]


@pytest.mark.parametrize("who", ["viewer", "author", "others_moderator", "staff"])
def test_who_does_not_keep_order_here_changes_nothing(client, show, said, who):
    people = {
        "viewer": make_member,
        "author": lambda: said.author,
        "others_moderator": others_moderator,
        "staff": lambda: make_member(is_staff=True),
    }
    client.force_login(people[who]())
    for name, data in acts_on(said):
        assert client.post(url(name, show), data).status_code == 403, (name, data)
    for name, data_for in FOR_THE_SELLER:
        assert client.post(url(name, show), data_for(said.author)).status_code == 403
    assert client.get(url("moderation", show)).status_code == 403
    assert not ModerationLog.objects.exists()


def test_a_guest_is_sent_to_sign_in(client, show, said):
    for name, data in [*acts_on(said), ("report_message", {"seq": 1, "reason": "abuse"})]:
        assert reverse("account_login") in client.post(url(name, show), data).headers["Location"]
    assert not ModerationLog.objects.exists()
    assert not Report.objects.exists()


@pytest.mark.parametrize("who", ["seller", "moderator"])
@pytest.mark.parametrize("headers", [{}, HTMX, JSON], ids=["page", "part", "script"])
def test_those_who_keep_order_do_it_all(client, show, said, seller, moderator, who, headers):
    client.force_login({"seller": seller, "moderator": moderator}[who])
    for name, data in acts_on(said):
        assert client.post(url(name, show), data, headers=headers).status_code in (200, 302), (name, data)
    said.refresh_from_db()
    assert said.hidden_at
    assert not Restriction.objects.standing().exists()
    rules = RoomRules.objects.get()
    assert (rules.slow_seconds, rules.frozen, rules.notice) == (10, True, "")
    everywhere = ChannelRules.objects.get()
    assert (everywhere.links, everywhere.new_account_minutes) == ("all", 10)
    assert BlockedWord.objects.get().text == "시발"
    assert CannedReply.objects.get().text == "이틀 걸려요"


def test_only_the_seller_appoints_and_dismisses(client, show, said, seller, moderator):
    for by, status in ((moderator, 403), (seller, 302)):
        client.force_login(by)
        for name, data_for in FOR_THE_SELLER:
            assert client.post(url(name, show), data_for(moderator)).status_code == status
    assert not Moderator.objects.exists()


def test_a_refusal_says_why_where_it_was_asked(client, show, seller, moderator):
    client.force_login(seller)
    data = {"verb": "ban", "member": moderator.code}
    answer = client.post(url("judge_member", show), data, headers=JSON)
    assert (answer.status_code, answer.json()) == (422, {"message": "판매자와 매니저에게는 할 수 없어요."})
    answer = client.post(url("moderation_word", show), {"verb": "block", "text": "ㅋㅋ"}, headers=HTMX)
    assert answer.status_code == 422
    assert "두 개 이상인 단어" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("judge_message", {"verb": "burn", "seq": 1}),
        ("judge_message", {"verb": "hide", "seq": "x"}),
        ("judge_message", {"verb": "hide", "seq": "9" * 30}),
        ("judge_member", {"verb": "burn"}),
        ("judge_member", {"verb": "ban", "member": "nobody"}),
        ("moderation_room", {"slow": "-1"}),
        ("moderation_channel", {}),
    ],
)
def test_what_no_page_sends_is_not_found(client, show, seller, name, data):
    client.force_login(seller)
    assert client.post(url(name, show), data).status_code == 404


def test_the_page_shows_all_of_it_and_each_part_alone(client, show, said, seller, moderator):
    client.force_login(seller)
    for name, data in acts_on(said)[4:6]:
        client.post(url(name, show), data)
    client.post(url("moderation_word", show), {"verb": "block", "text": "시발"})
    page = client.get(url("moderation", show))
    assert "<html" in page.content.decode()
    for text in ("보는사람", "시발", "관리자님", "슬로 모드"):
        assert text in page.content.decode()
    whole = client.get(url("moderation", show), headers=HTMX).content.decode()
    assert "<html" not in whole
    assert 'id="moderation-reports"' in whole
    part = client.get(url("moderation", show) + "?part=restricted", headers=HTMX).content.decode()
    assert 'id="moderation-restricted"' in part
    assert 'id="moderation-room"' not in part


def test_hidden_messages_can_be_shown_again_from_their_list(client, show, said, seller):
    hiding.hide_message(show, said.seq, by=seller)
    client.force_login(seller)
    page = client.get(url("moderation", show) + "?part=hidden", headers=HTMX).content.decode()
    assert "나쁜 말" in page
    page = client.post(url("judge_message", show), {"verb": "show", "seq": said.seq}, headers=HTMX)
    assert "나쁜 말" not in page.content.decode()
    assert 'id="moderation-hidden"' in page.content.decode()


def test_a_moderator_sees_no_way_to_appoint(client, show, moderator):
    client.force_login(moderator)
    assert "임명" not in client.get(url("moderation", show)).content.decode()


def test_the_parts_take_a_fixed_number_of_queries(client, show, seller, django_assert_max_num_queries):
    for number in range(30):
        author = make_member()
        say(show.code, author, key=uuid4(), text=f"말 {number}")
        Restriction.objects.create(channel=show.channel, member=author, kind="ban", by=seller)
        message = Message.objects.get(seq=number + 1)
        Report.objects.create(message=message, reporter=seller, reason="abuse")
    client.force_login(seller)
    with django_assert_max_num_queries(24):
        page = client.get(url("moderation", show), headers=HTMX).content.decode()
    assert page.count('value="lift"') == 20
    assert "1 / 2" in page


def test_the_log_has_pages(client, show, moderator):
    for number in range(25):
        ModerationLog.objects.create(channel=show.channel, act="pin", by=moderator, detail=f"공지 {number}")
    client.force_login(moderator)
    first = client.get(url("moderation_log", show)).content.decode()
    assert "공지 24" in first
    assert "공지 4<" not in first
    second = client.get(url("moderation_log", show) + "?page=2", headers=HTMX).content.decode()
    assert "공지 4<" in second
    assert "<html" not in second


def test_a_viewer_reports_once_and_not_without_end(client, show, said):
    client.force_login(make_member())
    data = {"seq": said.seq, "reason": "abuse"}
    for _ in range(2):
        answer = client.post(url("report_message", show), data)
        assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert Report.objects.count() == 1
    assert client.post(url("report_message", show), data | {"reason": "x"}).status_code == 422
    assert [client.post(url("report_message", show), data).status_code for _ in range(8)][-1] == 429


def test_reported_messages_stand_in_the_queue_with_one_tap_to_hide(client, show, said, seller):
    viewer = make_member()
    Report.objects.create(message=said, reporter=viewer, reason="fraud")
    client.force_login(seller)
    queue = client.get(url("moderation", show) + "?part=reports", headers=HTMX).content.decode()
    assert "나쁜 말" in queue
    assert "사기·사칭" in queue
    assert viewer.nickname not in queue
    data = {"verb": "hide", "seq": said.seq}
    queue = client.post(url("judge_message", show), data, headers=HTMX).content.decode()
    assert "나쁜 말" not in queue


@pytest.mark.parametrize(
    ("who", "has", "lacks"),
    [
        ("guest", "로그인하고 신고하기", "차단"),
        ("viewer", "욕설·비방", "차단"),
        ("moderator", "차단", "욕설·비방"),
        ("seller", "차단", "욕설·비방"),
    ],
)
def test_the_menu_offers_what_one_may_do(client, show, seller, moderator, who, has, lacks):
    people = {"viewer": make_member(), "moderator": moderator, "seller": seller}
    if who in people:
        client.force_login(people[who])
    menu = client.get(url("message_menu", show)).content.decode()
    assert has in menu
    assert lacks not in menu


def test_staff_decide_on_reports_in_the_admin(client, show, said, seller):
    Report.objects.create(message=said, reporter=make_member(), reason="abuse")
    report = Report.objects.get()
    staff = make_member(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_report"))
    client.force_login(staff)
    page = reverse("admin:moderation_report_changelist")
    data = {"action": "hide_messages", "_selected_action": [report.pk]}
    client.post(page, data)
    said.refresh_from_db()
    assert said.hidden_at is None
    staff.user_permissions.add(Permission.objects.get(codename="change_report"))
    assert client.post(page, data).status_code == 302
    said.refresh_from_db()
    assert said.hidden_by == staff
    assert Report.objects.get().outcome == "hidden"


def test_nobody_writes_the_log_by_hand(client, show, said, seller):
    hiding.hide_message(show, said.seq, by=seller)
    client.force_login(make_member(is_staff=True, is_superuser=True))
    row = ModerationLog.objects.get()
    page = reverse("admin:moderation_moderationlog_change", args=[row.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"detail": "x"}).status_code == 403
    assert client.get(reverse("admin:moderation_moderationlog_add")).status_code == 403
    assert client.post(reverse("admin:moderation_moderationlog_delete", args=[row.pk])).status_code == 403
