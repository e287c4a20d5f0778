"""What pages and events get from the streaming provider, and how rarely it is asked for it."""

import json
from datetime import timedelta

import pytest
import redis
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from broadcasts import on_air, sweeps, tasks
from broadcasts.actions import pin_product, rotate_stream_key
from broadcasts.channels import mend_stream_key
from broadcasts.events import BroadcastChanged
from broadcasts.models import Channel, LocalChannel
from broadcasts.on_air import known_streams
from broadcasts.streaming.base import LiveStream
from broadcasts.streaming.local import LocalStreaming
from chat.history import read_room
from common.errors import ProviderError
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db


def stream_of(channel, **facts):
    started = timezone.now() - timedelta(minutes=1)
    return LiveStream(ref=channel.provider_ref, stream_id="st-1", started_at=started, **facts)


@pytest.fixture
def asked(monkeypatch):
    """How often the provider was asked which streams are on."""
    calls = []
    monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: calls.append(1) or [])
    return calls


@pytest.fixture
def tokens(monkeypatch):
    """A provider whose addresses carry tokens, each one different."""
    made = iter(range(100))
    monkeypatch.setattr(
        LocalStreaming, "playback_address", lambda self, ref, url: f"{url}?token={ref}-{next(made)}"
    )


class TestWhatIsOn:
    def test_many_control_rooms_ask_the_provider_once(self, client, asked):
        for _ in range(5):
            seller = make_member()
            broadcast = make_broadcast(seller, status="live")
            client.force_login(seller)
            assert client.get(reverse("broadcasts:signal", args=[broadcast.code])).status_code == 200
        assert len(asked) == 1

    def test_the_answer_is_for_everybody_and_soon_asked_anew(self, monkeypatch):
        channel = make_member().channel
        answer = [stream_of(channel, width=1280, viewers=3)]
        monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: answer)
        assert known_streams() == answer
        monkeypatch.setattr(LocalStreaming, "live_streams", lambda self: [])
        assert known_streams() == answer
        cache.delete(on_air.TURN)  # as after FRESH_SECONDS
        assert known_streams() == []

    def test_a_provider_that_fails_is_left_alone_for_a_moment(self, monkeypatch):
        calls = []

        def down(self):
            calls.append(1)
            raise ProviderError

        monkeypatch.setattr(LocalStreaming, "live_streams", down)
        with pytest.raises(ProviderError):
            known_streams()
        assert known_streams() == []
        assert len(calls) == 1

    def test_without_redis_the_provider_still_answers(self, asked, monkeypatch):
        def gone(*args, **options):
            raise redis.ConnectionError

        monkeypatch.setattr(cache, "add", gone)
        assert known_streams() == []
        assert len(asked) == 1


class TestSweeps:
    def test_the_provider_may_count_more_viewers_than_we_see(self, monkeypatch):
        show = make_broadcast(make_member(), status="live", peak_viewers=5)
        for counted, peak in ((3, 5), (9, 9), (None, 9), (7, 9)):
            streams = [stream_of(show.channel, viewers=counted)]
            monkeypatch.setattr(LocalStreaming, "live_streams", lambda self, streams=streams: streams)
            sweeps.check_streams()
            show.refresh_from_db()
            assert show.peak_viewers == peak

    def test_starvation_is_noted_and_taken_back_though_no_event_came(self, monkeypatch):
        channel = make_member().channel
        for starving, problems in ((True, ["starvation"]), (None, ["starvation"]), (False, [])):
            streams = [stream_of(channel, is_starving=starving)]
            monkeypatch.setattr(LocalStreaming, "live_streams", lambda self, streams=streams: streams)
            sweeps.check_streams()
            channel.refresh_from_db()
            assert [problem.code for problem in channel.problems] == problems


class TestAddresses:
    def test_every_way_to_a_viewer_carries_a_fresh_address(self, client, tokens):
        seller = make_member()
        show = make_broadcast(seller, status="live")
        token = f"?token={seller.channel.provider_ref}"
        watch = client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
        assert token in watch
        client.force_login(seller)
        control = client.get(reverse("broadcasts:control_room", args=[show.code])).content.decode()
        assert token in control
        events = [BroadcastChanged.of(show).playback_url for _ in range(2)]
        states = [read_room(show.code, None).state.broadcast.playback_url for _ in range(2)]
        assert all(token in address for address in events + states)
        assert len({*events, *states}) == 4

    @pytest.mark.parametrize("status", ["scheduled", "starting", "ended"])
    def test_there_is_none_while_the_show_is_not_on_air(self, client, tokens, status):
        show = make_broadcast(make_member(), status=status)
        assert "?token=" not in client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
        assert BroadcastChanged.of(show).playback_url == ""

    def test_a_channel_without_an_address_has_none(self, client, tokens):
        show = make_broadcast(make_member(), status="live")
        Channel.objects.update(provider_ref=None)
        show.channel.refresh_from_db()
        assert BroadcastChanged.of(show).playback_url == ""


class TestPins:
    @pytest.fixture
    def sent(self, monkeypatch):
        texts = []
        monkeypatch.setattr(
            LocalStreaming, "send_metadata", lambda self, ref, text: texts.append((ref, text))
        )
        monkeypatch.setattr(tasks.send_pin, "delay", tasks.send_pin.run)
        return texts

    def test_a_pin_travels_with_the_picture(self, sent, django_capture_on_commit_callbacks):
        seller = make_member()
        show = make_broadcast(seller, status="live")
        code = show.lineup.get().product.code
        for product in (code, None):
            with django_capture_on_commit_callbacks(execute=True):
                pin_product(show.pk, product, by=seller)
        show.refresh_from_db()
        assert [ref for ref, _ in sent] == [seller.channel.provider_ref] * 2
        assert [json.loads(text) for _, text in sent] == [
            {"pin": code, "v": show.version - 1},
            {"pin": None, "v": show.version},
        ]

    def test_before_the_show_nothing_is_sent(self, sent, django_capture_on_commit_callbacks):
        seller = make_member()
        show = make_broadcast(seller)
        with django_capture_on_commit_callbacks(execute=True):
            pin_product(show.pk, show.lineup.get().product.code, by=seller)
        assert sent == []


def test_after_half_a_rotation_a_task_keeps_the_key_that_is_valid(monkeypatch):
    queued = []
    monkeypatch.setattr(tasks.mend_stream_key, "apply_async", lambda args, **options: queued.append(args))
    channel = make_member().channel
    rotate = LocalStreaming.rotate_key

    def rotate_and_lose_the_answer(self, ref):
        rotate(self, ref)
        raise ProviderError

    monkeypatch.setattr(LocalStreaming, "rotate_key", rotate_and_lose_the_answer)
    with pytest.raises(ProviderError):
        rotate_stream_key(channel.pk)
    assert queued == [[channel.pk]]
    mend_stream_key(channel.pk)
    channel.refresh_from_db()
    assert channel.stream_key == LocalChannel.objects.get(ref=channel.provider_ref).stream_key
