"""The pages everybody sees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Recording
from common import presence
from common.redis_client import redis_client
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db


def add_replay(broadcast, **fields):
    values = {
        "session_id": f"rec-{broadcast.code}",
        "status": "ready",
        "started_at": broadcast.started_at or timezone.now(),
        "duration_ms": 60_000,
        "storage_key": "recordings/p/s",
        "playback_url": "http://localhost:8081/recordings/p/s/media/hls/master.m3u8",
    } | fields
    return Recording.objects.create(channel=broadcast.channel, broadcast=broadcast, **values)


def ended(seller, **fields):
    now = timezone.now()
    broadcast = make_broadcast(
        seller, status="ended", started_at=now - timedelta(hours=1), ended_at=now, **fields
    )
    add_replay(broadcast)
    return broadcast


def test_the_main_page_shows_what_is_on_air_with_its_viewers(client):
    seller = make_member(nickname="하늘상점")
    show = make_broadcast(seller, title="가을 방송", status="live", started_at=timezone.now())
    future = timezone.now().timestamp() + 5
    redis_client().zadd(presence.presence_key(show.room), {"a": future, "b": future, "gone": 1})
    page = client.get(reverse("broadcasts:home")).content.decode()
    assert "가을 방송" in page
    assert "하늘상점" in page
    assert "2명 시청 중" in page
    assert reverse("broadcasts:watch", args=[show.code]) in page


def test_the_busiest_show_comes_first(client):
    quiet = make_broadcast(make_member(), status="live", started_at=timezone.now())
    busy = make_broadcast(make_member(), status="live", started_at=timezone.now() - timedelta(hours=1))
    redis_client().zadd(presence.presence_key(busy.room), {"a": timezone.now().timestamp() + 5})
    response = client.get(reverse("broadcasts:home"))
    assert [(show.code, show.viewers) for show in response.context["on_air"]] == [
        (busy.code, 1),
        (quiet.code, 0),
    ]


def test_the_main_page_works_without_redis(client, monkeypatch):
    import redis

    make_broadcast(make_member(), title="가을 방송", status="live", started_at=timezone.now())

    def down(*args, **kwargs):
        raise redis.ConnectionError

    monkeypatch.setattr(redis.client.Pipeline, "execute", down)
    page = client.get(reverse("broadcasts:home")).content.decode()
    assert "가을 방송" in page
    assert "명 시청 중" not in page, "nobody, as far as one knows, is no number to show"


def test_cancelled_and_unrecorded_shows_are_not_on_the_main_page(client):
    seller = make_member()
    make_broadcast(seller, title="취소한 방송", status="cancelled")
    make_broadcast(seller, title="녹화 없는 방송", status="ended", ended_at=timezone.now())
    page = client.get(reverse("broadcasts:home")).content.decode()
    assert "취소한 방송" not in page
    assert "녹화 없는 방송" not in page


@pytest.mark.parametrize("name", ["home", "replays"])
def test_lists_take_the_same_queries_for_many_shows(client, name, django_assert_max_num_queries):
    client.get(reverse(f"broadcasts:{name}"))  # the process keeps the categories from now on
    counts = []
    for _ in range(2):
        for _ in range(4):
            seller = make_member()
            ended(seller)
            live = make_broadcast(
                seller,
                products=[make_product(seller), make_product(seller)],
                status="live",
                started_at=timezone.now(),
            )
            live.pinned_item = live.lineup.first()
            live.save(update_fields=["pinned_item"])
        with django_assert_max_num_queries(40) as queries:
            client.get(reverse(f"broadcasts:{name}"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_fresh_pin_is_left_to_the_script_which_waits_for_the_picture(client):
    show = make_broadcast(make_member(), status="live", started_at=timezone.now())
    show.pinned_item = show.lineup.get()
    marks = []
    for seconds in (5, 20):
        show.pinned_at = timezone.now() - timedelta(seconds=seconds)
        show.save()
        html = client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
        marks.append(f'data-product="{show.pinned_item.product.code}" data-pinned' in html)
    assert marks == [False, True]


def test_replays_come_in_pages(client):
    seller = make_member()
    for number in range(25):
        ended(seller, title=f"방송 {number}")
    response = client.get(reverse("broadcasts:replays"))
    assert len(response.context["page"].object_list) == 24
    assert response.context["page"].has_next()
    assert len(client.get(reverse("broadcasts:replays"), {"page": "2"}).context["page"].object_list) == 1
    assert client.get(reverse("broadcasts:replays"), {"page": "nonsense"}).status_code == 200


@pytest.mark.parametrize("status", ["scheduled", "starting", "live", "reconnecting", "ended", "cancelled"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_state_of_a_show_has_a_page(client, status, signed_in):
    seller = make_member()
    show = make_broadcast(seller, title="가을 방송", status=status, started_at=timezone.now())
    if signed_in:
        client.force_login(make_member())
    response = client.get(reverse("broadcasts:watch", args=[show.code]))
    assert response.status_code == 200
    page = response.content.decode()
    assert "가을 방송" in page
    assert show.lineup.get().product.name in page
    assert (seller.channel.playback_url in page) == (status in ("live", "reconnecting"))
    assert seller.channel.stream_key not in page


def test_the_page_of_an_ended_show_plays_the_replay(client):
    show = ended(make_member())
    page = client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
    assert "recordings/p/s/media/hls/master.m3u8" in page


def test_a_show_recorded_in_parts_plays_them_one_by_one(client):
    show = ended(make_member())
    later = timezone.now() + timedelta(minutes=5)
    add_replay(show, session_id="second", started_at=later, playback_url="http://localhost:8081/second.m3u8")
    address = reverse("broadcasts:watch", args=[show.code])
    first, second = client.get(address), client.get(address, {"part": "2"})
    assert "second.m3u8" not in first.content.decode()
    assert 'href="?part=2"' in first.content.decode()
    assert second.context["recording"].session_id == "second"
    assert "second.m3u8" in second.content.decode()


def test_what_a_seller_writes_is_escaped(client):
    seller = make_member(nickname="<b>굵게</b>")
    nasty = make_product(seller, name="<script>alert(1)</script>")
    show = make_broadcast(seller, title="<img src=x onerror=alert(1)>", products=[nasty], status="live")
    page = client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
    for text in ["<script>alert(1)", "<img src=x", "<b>굵게"]:
        assert text not in page


@pytest.mark.parametrize("name", ["watch", "lineup"])
def test_an_unknown_show_is_not_found(client, name):
    assert client.get(reverse(f"broadcasts:{name}", args=["nosuchcode"])).status_code == 404


def test_pages_come_with_a_policy_without_inline_script(client):
    policy = client.get(reverse("broadcasts:home")).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_products_page_gets_the_shows_it_is_in(client):
    seller = make_member()
    product = make_product(seller)
    make_broadcast(seller, products=[product], title="지금 방송", status="live", started_at=timezone.now())
    ended(seller, products=[product], title="지난 방송")
    make_broadcast(seller, products=[product], title="아직 안 한 방송")
    make_broadcast(seller, title="다른 상품 방송", status="ended")
    page = client.get(reverse("broadcasts:product_shows", args=[product.code])).content.decode()
    assert page.index("지금 방송") < page.index("지난 방송")
    assert "아직 안 한 방송" not in page
    assert "다른 상품 방송" not in page
    nothing = client.get(reverse("broadcasts:product_shows", args=["unknown"])).content.decode()
    assert nothing.strip() == ""


def test_the_main_page_has_categories_and_new_products(client):
    make_product(make_member(), name="갓 올린 상품")
    page = client.get(reverse("broadcasts:home")).content.decode()
    assert "갓 올린 상품" in page
    assert reverse("catalog:category", args=["fashion"]) in page
