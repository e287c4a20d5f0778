import pytest
from django.utils import timezone

from broadcasts.addresses import refresh_addresses
from broadcasts.models import Recording
from tests.makers import make_member

pytestmark = pytest.mark.django_db


def test_a_change_of_domain_is_one_command(settings):
    channel = make_member().channel
    recording = Recording.objects.create(
        channel=channel,
        session_id="s1",
        status="ready",
        started_at=timezone.now(),
        storage_bucket="local",
        storage_key="recordings/p/s1",
    )
    assert refresh_addresses() == 1  # only the recording had none yet
    assert refresh_addresses() == 0
    key, path = channel.stream_key, channel.playback_url.removeprefix("http://localhost:8081")
    options = settings.LIVE_STREAMING["default"]["OPTIONS"] | {"playback_base_url": "https://cdn.example.com"}
    settings.LIVE_STREAMING = {"default": settings.LIVE_STREAMING["default"] | {"OPTIONS": options}}
    assert refresh_addresses() == 2
    channel.refresh_from_db()
    recording.refresh_from_db()
    assert channel.playback_url == "https://cdn.example.com" + path
    assert recording.playback_url == "https://cdn.example.com/recordings/p/s1/media/hls/master.m3u8"
    assert channel.stream_key == key
