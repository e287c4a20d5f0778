"""Following: who may, who is counted, and what pages say of it."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from broadcasts.following import actions, views
from broadcasts.following.models import Follow
from broadcasts.following.signals import channel_followed
from broadcasts.models import Channel, Recording
from tests.concurrency import at_once, make_buyers
from tests.makers import make_broadcast, make_member, make_trailer

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def seller():
    return make_member(nickname="하늘상점")


@pytest.fixture
def member():
    return make_member(nickname="보는사람")


@pytest.fixture
def channel(seller):
    return seller.channel


@pytest.fixture
def told():
    """What the apps above are told."""
    news = []

    def keep(channel_id, member_id, **_):
        news.append((channel_id, member_id))

    channel_followed.connect(keep)
    yield news
    channel_followed.disconnect(keep)


def followers_of(channel):
    return Channel.objects.get(pk=channel.pk).followers


def url(name, channel):
    return reverse(f"broadcasts:{name}", args=[channel.code])


def watch(show):
    return reverse("broadcasts:watch", args=[show.code])


def test_following_counts_once(channel, member, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.follow(member, channel)
        assert not actions.follow(member, channel)
    assert followers_of(channel) == 1
    assert Follow.objects.get().member == member
    assert told == [(channel.pk, member.pk)]


def test_leaving_counts_once(channel, member):
    actions.follow(member, channel)
    actions.follow(make_member(), channel)
    assert actions.unfollow(member, channel)
    assert not actions.unfollow(member, channel)
    assert followers_of(channel) == 1


def test_nobody_follows_themselves(channel, seller):
    with pytest.raises(actions.OwnChannel):
        actions.follow(seller, channel)
    assert followers_of(channel) == 0


@pytest.mark.parametrize("state", [Channel.State.CLOSING, Channel.State.CLOSED])
def test_a_channel_that_was_given_up_is_left_but_not_followed(channel, member, state):
    actions.follow(member, channel)
    Channel.objects.filter(pk=channel.pk).update(state=state)
    with pytest.raises(actions.ChannelGone):
        actions.follow(make_member(), channel)
    assert actions.unfollow(member, channel)


def test_a_deleted_member_is_counted_no_more(channel, member):
    actions.follow(member, channel)
    actions.follow(make_member(), channel)
    member.delete()
    assert followers_of(channel) == Follow.objects.count() == 1


def test_a_deleted_channel_takes_its_follows_along(channel, seller, member):
    actions.follow(member, channel)
    seller.delete()
    assert not Follow.objects.exists()


def test_the_button_follows_and_leaves_in_place(client, channel, member):
    client.force_login(member)
    html = client.post(url("follow", channel), {"back": "/live/x/"}, headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in html
    assert "팔로워 1명" in html
    assert url("unfollow", channel) in html
    assert 'name="back" value="/live/x/"' in html
    html = client.post(url("unfollow", channel), headers=HTMX).content.decode()
    assert 'aria-pressed="false"' in html
    assert "팔로워 0명" in html


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/live/abc/?part=2", "/live/abc/?part=2"),
        ("https://elsewhere.example/", "/following/"),
        ("//elsewhere.example/", "/following/"),
        ("javascript:alert(1)", "/following/"),
        ("", "/following/"),
    ],
)
def test_without_scripts_one_comes_back_but_never_elsewhere(client, channel, member, back, leads_to):
    client.force_login(member)
    response = client.post(url("follow", channel), {"back": back})
    assert (response.status_code, response.headers["Location"]) == (302, leads_to)
    assert followers_of(channel) == 1


def test_a_refusal_is_told(client, channel, seller):
    client.force_login(seller)
    response = client.post(url("follow", channel), headers=HTMX)
    assert response.status_code == 409
    assert "내 채널은 팔로우할 수 없어요" in response.content.decode()
    page = client.post(url("follow", channel), follow=True).content.decode()
    assert "내 채널은 팔로우할 수 없어요" in page


def test_clicking_is_limited(client, channel, member, monkeypatch):
    monkeypatch.setattr("common.limits.time", lambda: 1_800_000_000.0)  # or the minute may end meanwhile
    monkeypatch.setattr(views, "CLICKS_A_MINUTE", 2)
    client.force_login(member)
    answers = [client.post(url("follow", channel), headers=HTMX).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_guests_and_forgers_are_refused(channel, member):
    response = Client().post(url("follow", channel), {"back": "/live/abc/"})
    assert response.headers["Location"] == f"{reverse('account_login')}?next=/live/abc/"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    assert strict.post(url("follow", channel)).status_code == 403
    assert strict.get(url("follow", channel)).status_code == 405
    assert followers_of(channel) == 0


def test_an_unknown_channel_is_not_found(client, member):
    client.force_login(member)
    assert client.post(reverse("broadcasts:follow", args=["unknown"])).status_code == 404


def test_the_live_page_says_it_to_a_guest_a_follower_and_the_seller(client, channel, seller, member):
    show = make_broadcast(seller, status="live", started_at=timezone.now())
    actions.follow(member, channel)
    guest = client.get(watch(show)).content.decode()
    assert f"{reverse('account_login')}?next={watch(show)}" in guest
    assert "팔로워 1명" in guest
    client.force_login(member)
    assert url("unfollow", channel) in client.get(watch(show)).content.decode()
    client.force_login(seller)
    own = client.get(watch(show)).content.decode()
    assert "팔로워 1명" in own
    assert url("follow", channel) not in own


def test_the_live_page_costs_a_member_one_query_and_a_guest_none(client, channel, seller, member):
    show = make_broadcast(seller, status="live", started_at=timezone.now())

    def queries(about):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(watch(show))
        return [query["sql"] for query in captured if about in query["sql"]]

    table = Follow._meta.db_table
    assert queries(table) == []
    client.force_login(member)
    for _ in range(3):
        actions.follow(make_member(), channel)
    [asked] = queries(table)
    assert "COUNT" not in asked


def test_a_trailer_has_the_button_too(client, channel, seller, member):
    page = reverse("trailers:detail", args=[make_trailer(seller).code])
    actions.follow(member, channel)
    client.force_login(member)
    html = client.get(page).content.decode()
    assert url("unfollow", channel) in html
    assert f'name="back" value="{page}"' in html
    assert "팔로워 1명" in html


def test_a_trailer_of_somebody_without_a_channel_has_none(client):
    trailer = make_trailer(make_buyers(1)[0])
    assert "팔로워" not in client.get(reverse("trailers:detail", args=[trailer.code])).content.decode()


def test_the_studio_says_how_many_follow(client, channel, seller, member):
    actions.follow(member, channel)
    client.force_login(seller)
    assert "팔로워 1명" in client.get(reverse("broadcasts:studio")).content.decode()


def ended(seller, **fields):
    now = timezone.now()
    times = {"started_at": now - timedelta(hours=2), "ended_at": now - timedelta(hours=1)} | fields
    show = make_broadcast(seller, status="ended", **times)
    Recording.objects.create(
        channel=show.channel,
        broadcast=show,
        session_id=show.code,
        status="ready",
        started_at=show.started_at,
        storage_key=f"recordings/{show.code}",
    )
    return show


def test_the_list_puts_those_on_the_air_first(client, member):
    names = ["방송중", "끝났음", "조용함"]
    live, over, quiet = (make_member(nickname=name) for name in names)
    make_broadcast(live, title="지금 방송", status="live", started_at=timezone.now())
    ended(over, title="지난 방송", ended_at=timezone.now() - timedelta(hours=3))
    ended(over, title="어제 방송")
    for channel_of in (live, over, quiet):
        actions.follow(member, channel_of.channel)
    client.force_login(member)
    response = client.get(reverse("broadcasts:following"))
    rows = [
        (follow.channel.member.nickname, follow.show and follow.show.title)
        for follow in response.context["page"]
    ]
    assert rows == [("방송중", "지금 방송"), ("조용함", None), ("끝났음", "어제 방송")]
    html = response.content.decode()
    assert html.count("팔로잉") == 3
    assert "LIVE" in html


def test_the_list_costs_the_same_with_many_and_comes_in_pages(client, member):
    client.force_login(member)
    address = reverse("broadcasts:following")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    def follow_one():
        other = make_member()
        make_broadcast(other, status="live", started_at=timezone.now())
        actions.follow(member, other.channel)

    follow_one()
    few = queries()
    for _ in range(views.FOLLOWED_PER_PAGE):
        follow_one()
    assert queries() == few
    assert len(client.get(address, {"page": 2}).context["page"].object_list) == 1


def test_an_empty_list_says_what_to_do_and_others_follows_are_not_in_it(client, channel, member):
    actions.follow(make_member(), channel)
    client.force_login(member)
    html = client.get(reverse("broadcasts:following")).content.decode()
    assert "아직 팔로우하는 채널이 없어요" in html
    assert reverse("broadcasts:following") in client.get(reverse("accounts:me")).content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_follow(channel, member, told):
    results = at_once(*[partial(actions.follow, member, channel)] * 8)
    assert sorted(results) == [False] * 7 + [True]
    assert (followers_of(channel), Follow.objects.count()) == (1, 1)
    assert told == [(channel.pk, member.pk)]
    results = at_once(*[partial(actions.unfollow, member, channel)] * 8)
    assert sorted(results) == [False] * 7 + [True]
    assert (followers_of(channel), Follow.objects.count()) == (0, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_count_is_right_after_many_come_and_go_at_once(channel, member):
    others = [make_member() for _ in range(6)]
    for other in others[:3]:
        actions.follow(other, channel)
    jobs = [partial(actions.follow, other, channel) for other in others[3:]]
    jobs += [partial(actions.unfollow, other, channel) for other in others[:3]]
    jobs += [partial(actions.follow, member, channel), partial(actions.unfollow, member, channel)]
    results = at_once(*jobs)
    assert all(isinstance(result, bool) for result in results), results
    assert followers_of(channel) == Follow.objects.count()
    assert set(Follow.objects.exclude(member=member).values_list("member", flat=True)) == {
        other.pk for other in others[3:]
    }
