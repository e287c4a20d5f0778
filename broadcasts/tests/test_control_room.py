"""The control room: who sees what of it, the order of products, and the signal's past."""

import json
import time

import pytest
from django.urls import reverse

from broadcasts import lineup_order, on_air, sweeps
from broadcasts.events import LineupChanged
from broadcasts.lineup_order import arrange_lineup, moved
from broadcasts.models import BroadcastLog, Moderator
from broadcasts.streaming.base import LiveStream
from common.errors import IllegalMove
from common.redis_client import redis_client
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member(nickname="하늘상점")


@pytest.fixture
def show(seller):
    products = [make_product(seller, name=name) for name in ("자켓", "니트", "코트")]
    return make_broadcast(seller, products=products, status="live")


@pytest.fixture
def moderator(show):
    member = make_member()
    Moderator.objects.create(channel=show.channel, member=member)
    return member


@pytest.fixture
def told(monkeypatch):
    """Every event told, with its room."""
    events = []
    monkeypatch.setattr(lineup_order, "send_on_commit", lambda room, event: events.append((room, event)))
    return events


def url(name, show):
    return reverse(f"broadcasts:{name}", args=[show.code])


def names(show):
    return [item.product.name for item in show.lineup.all()]


def codes(show):
    return {item.product.name: item.product.code for item in show.lineup.all()}


class TestWhoSeesWhat:
    SELLERS_ALONE = ["매출", "스트림 키", "방송 종료", "특가와 쿠폰", "방송 중 가격 정하기"]

    def test_the_seller_has_everything(self, client, seller, show):
        client.force_login(seller)
        page = client.get(url("control_room", show)).content.decode()
        for words in self.SELLERS_ALONE:
            assert words in page

    @pytest.mark.parametrize("status", ["scheduled", "live", "ended"])
    def test_a_moderator_has_no_money_no_key_and_no_buttons(self, client, show, moderator, status):
        type(show).objects.filter(pk=show.pk).update(status=status)
        client.force_login(moderator)
        response = client.get(url("control_room", show))
        assert response.status_code == 200
        page = response.content.decode()
        assert "매니저로 보고 있어요" in page
        for words in [*self.SELLERS_ALONE, "방송 시작</button>", "방송 취소", show.channel.masked_key]:
            assert words not in page
        assert reverse("orders:broadcast_sales", args=[show.code]) not in page

    @pytest.mark.parametrize("name", ["start", "end", "cancel", "pin", "live_price", "arrange"])
    def test_and_may_not_press_the_sellers(self, client, show, moderator, name):
        client.force_login(moderator)
        assert client.post(url(name, show), {"order": list(codes(show).values())[::-1]}).status_code == 403
        assert names(show) == ["자켓", "니트", "코트"]

    @pytest.mark.parametrize("name", ["control_lineup", "signal", "signal_samples"])
    def test_but_sees_the_parts_of_the_page(self, client, show, moderator, name):
        client.force_login(moderator)
        assert client.get(url(name, show)).status_code == 200

    def test_another_channels_moderator_is_nobody_here(self, client, show):
        stranger = make_member()
        Moderator.objects.create(channel=make_member().channel, member=stranger)
        client.force_login(stranger)
        assert client.get(url("control_room", show)).status_code == 403


class TestOrder:
    def test_the_whole_order_at_once(self, seller, show, told):
        code = codes(show)
        assert arrange_lineup(show.pk, [code["코트"], code["자켓"], code["니트"]], by=seller)
        assert names(show) == ["코트", "자켓", "니트"]
        show.refresh_from_db()
        wanted = LineupChanged(version=show.version, products=[code["코트"], code["자켓"], code["니트"]])
        assert told == [(show.room, wanted)]
        assert BroadcastLog.objects.filter(broadcast=show, type="broadcast.arranged", by=seller).exists()

    def test_products_it_does_not_name_follow_as_they_stood(self, seller, show):
        arrange_lineup(show.pk, [codes(show)["코트"], "nosuchcode"], by=seller)
        assert names(show) == ["코트", "자켓", "니트"]

    def test_the_same_order_is_no_news(self, seller, show, told):
        assert not arrange_lineup(show.pk, list(codes(show).values()), by=seller)
        assert told == []

    @pytest.mark.parametrize("status", ["ended", "cancelled"])
    def test_not_once_it_is_over(self, client, seller, show, status):
        type(show).objects.filter(pk=show.pk).update(status=status)
        with pytest.raises(IllegalMove):
            arrange_lineup(show.pk, [codes(show)["코트"]], by=seller)
        client.force_login(seller)
        response = client.post(url("arrange", show), {"order": [codes(show)["코트"]]}, follow=True)
        assert "순서는 바꿀 수 없어요" in response.content.decode()

    @pytest.mark.parametrize(
        ("code", "by", "order"),
        [("b", -1, "bac"), ("b", 1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("x", 1, "abc")],
    )
    def test_one_step(self, code, by, order):
        assert "".join(moved("abc", code, by)) == order

    def test_buttons_and_dragging(self, client, seller, show):
        client.force_login(seller)
        code = codes(show)
        client.post(url("arrange", show), {"product": code["니트"], "step": "up"})
        assert names(show) == ["니트", "자켓", "코트"]
        answer = client.post(
            url("arrange", show),
            {"order": [code["코트"], code["니트"], code["자켓"]]},
            headers={"HX-Request": "true"},
        ).content.decode()
        assert names(show) == ["코트", "니트", "자켓"]
        assert answer.index("코트") < answer.index("니트") < answer.index("자켓")


class TestSignalSamples:
    @pytest.fixture
    def streams(self, monkeypatch, show):
        redis_client().flushdb()
        stream = LiveStream(
            ref=show.channel.provider_ref,
            stream_id="st-1",
            started_at=show.created_at,
            bitrate_bps=2_500_400,
            fps=29.97,
        )

        class Provider:
            def live_streams(self):
                return [stream]

        monkeypatch.setattr(on_air, "streaming", Provider)

    def test_each_look_at_the_provider_is_kept(self, client, seller, show, streams):
        on_air.known_streams()
        on_air.known_streams()  # answered from what the first look found
        client.force_login(seller)
        [(at, kbps, fps)] = client.get(url("signal_samples", show)).json()["samples"]
        assert at > 1_700_000_000
        assert (kbps, fps) == (2500, 30.0)

    def test_only_the_newest_are_kept_in_order(self, show, monkeypatch):
        key, ref = on_air._samples_key("ref"), "ref"
        redis_client().delete(key)
        monkeypatch.setattr(on_air, "SAMPLES_KEPT", 3)
        now = int(time.time())
        for number in range(5):
            redis_client().lpush(key, json.dumps([now + number, 1, 1]))
        assert [at - now for at, *_ in on_air.samples_of(ref)] == [2, 3, 4]

    def test_what_is_long_past_is_not_shown(self):
        key, now = on_air._samples_key("ref"), int(time.time())
        redis_client().delete(key)
        for at in (now - on_air.SAMPLES_SECONDS - 1, now - 5):
            redis_client().lpush(key, json.dumps([at, 1, 1]))
        assert [at for at, *_ in on_air.samples_of("ref")] == [now - 5]

    def test_the_sweep_notes_it_where_no_control_room_is_open(self, show, streams, monkeypatch):
        monkeypatch.setattr(sweeps, "streaming", on_air.streaming)
        sweeps.check_streams()
        assert len(on_air.samples_of(show.channel.provider_ref)) == 1

    def test_the_signal_carries_its_newest_numbers(self, client, seller, show, streams):
        type(show.channel).objects.filter(pk=show.channel.pk).update(signal="receiving")
        client.force_login(seller)
        part = client.get(url("signal", show)).content.decode()
        assert 'data-kbps="2500"' in part
        assert 'data-fps="29.97"' in part
