"""The IVS adapter against a service that checks every request by Amazon's own model."""

import json
import time

import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured

from broadcasts.streaming import ivs
from broadcasts.streaming.base import StillLive
from broadcasts.streaming.ivs import IvsStreaming
from broadcasts.tests.test_streaming_contract import StreamingContract
from common.aws import aws_client
from common.errors import ProviderError, ProviderRefused

BUCKET = "example-recordings"
PREFIX = "ivs/v1/111122223333/bU4AFhauzwUk/2026/1/1/0/0/j8Z9O91ndcVs"
CONFIGURATION = "arn:aws:ivs:us-east-1:111122223333:recording-configuration/abc"
P384 = ec.generate_private_key(ec.SECP384R1())


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def adapter(fake_aws, settings, monkeypatch):
    settings.IVS_RECORDINGS_BUCKET = BUCKET
    settings.IVS_RECORDINGS_BASE_URL = "https://replay.example.com"
    settings.IVS_RECORDING_CONFIGURATION_ARN = CONFIGURATION
    monkeypatch.setattr(ivs, "CALLS_PER_SECOND", 1000)  # one test below keeps the real one
    return IvsStreaming()


class TestIvsStreaming(StreamingContract):
    @pytest.fixture
    def on_air(self, adapter, fake_aws):
        ref = adapter.create_channel("on-air").ref
        return ref, fake_aws.ivs.go_live(ref)

    def test_stopping_what_is_gone_is_harmless(self, adapter) -> None:
        ref = adapter.create_channel("member-a").ref
        adapter.delete_channel(ref)
        assert adapter.stop(ref) is None


class TestChannels:
    def test_a_channel_is_made_as_the_settings_say(self, adapter, fake_aws, settings):
        made = adapter.create_channel("member-a")
        (asked,) = fake_aws.calls("CreateChannel")
        assert asked == {
            "name": "member-a",
            "type": settings.IVS_CHANNEL_TYPE,
            "latencyMode": "LOW",
            "authorized": False,
            "recordingConfigurationArn": CONFIGURATION,
            "tags": {"site": settings.SITE_URL},
        }
        assert made.ingest_url.startswith("rtmps://")
        assert made.ingest_url.endswith(":443/app/")
        assert made.picture_url == ""

    def test_names_that_begin_alike_are_different_channels(self, adapter, fake_aws, monkeypatch):
        longer = adapter.create_channel("member-abc")
        listing = fake_aws.ivs.list_channels
        monkeypatch.setattr(  # a filter that takes more than the exact name
            fake_aws.ivs, "list_channels", lambda params: listing({"maxResults": 100})
        )
        assert adapter.create_channel("member-ab").ref != longer.ref

    def test_a_channel_behind_many_others_is_found(self, adapter, fake_aws, monkeypatch):
        monkeypatch.setattr(ivs, "PAGE", 2)
        made = [adapter.create_channel(f"member-{number}").ref for number in range(5)]
        listing = fake_aws.ivs.list_channels
        monkeypatch.setattr(
            fake_aws.ivs,
            "list_channels",
            lambda params: listing({name: value for name, value in params.items() if name != "filterByName"}),
        )
        assert adapter.create_channel("member-4").ref == made[4]

    def test_a_lost_answer_makes_no_second_channel(self, adapter, fake_aws):
        fake_aws.cut("CreateChannel")
        with pytest.raises(ProviderError):
            adapter.create_channel("member-a")
        adapter.create_channel("member-a")
        assert len(fake_aws.ivs.channels) == 1

    def test_a_channel_left_without_a_key_gets_one(self, adapter, fake_aws):
        made = adapter.create_channel("member-a")
        fake_aws.ivs.keys.clear()  # a rotation died between the two calls
        again = adapter.create_channel("member-a")
        assert again.stream_key
        assert again.stream_key != made.stream_key

    def test_rotating_goes_on_where_a_dead_rotation_stopped(self, adapter, fake_aws):
        made = adapter.create_channel("member-a")
        fake_aws.fail("CreateStreamKey", "PendingVerification")
        with pytest.raises(ProviderError):
            adapter.rotate_key(made.ref)
        assert adapter.rotate_key(made.ref) not in ("", made.stream_key)

    def test_a_live_channel_is_deleted_after_its_end(self, adapter, fake_aws):
        ref = adapter.create_channel("member-a").ref
        fake_aws.ivs.go_live(ref)
        with pytest.raises(StillLive):
            adapter.delete_channel(ref)
        adapter.stop(ref)
        adapter.delete_channel(ref)
        assert not fake_aws.ivs.channels


class TestStreams:
    def test_every_page_of_what_is_on_is_read_in_one_round(self, adapter, fake_aws, monkeypatch):
        monkeypatch.setattr(ivs, "PAGE", 2)
        refs = {adapter.create_channel(f"member-{number}").ref for number in range(5)}
        for ref in refs:
            fake_aws.ivs.go_live(ref, viewers=7)
        streams = adapter.live_streams()
        assert {stream.ref for stream in streams} == refs
        assert {stream.viewers for stream in streams} == {7}
        assert len(fake_aws.calls("ListStreams")) == 3
        assert not fake_aws.calls("GetStream")

    def test_what_ivs_could_not_count_is_unknown(self, adapter, fake_aws):
        fake_aws.ivs.go_live(adapter.create_channel("member-a").ref, viewers=-1)
        assert adapter.live_streams()[0].viewers is None

    @pytest.mark.parametrize(
        ("health", "starving"), [("HEALTHY", False), ("STARVING", True), ("UNKNOWN", None)]
    )
    def test_a_starving_stream_is_told(self, adapter, fake_aws, health, starving):
        ref = adapter.create_channel("member-a").ref
        fake_aws.ivs.go_live(ref)
        fake_aws.ivs.streams[ref]["health"] = health
        assert adapter.live_streams()[0].is_starving is starving

    def test_metadata_travels_with_the_picture(self, adapter, fake_aws):
        ref = adapter.create_channel("member-a").ref
        fake_aws.ivs.go_live(ref)
        adapter.send_metadata(ref, json.dumps({"pin": "abc", "v": 3}))
        assert [json.loads(sent["metadata"]) for sent in fake_aws.ivs.metadata] == [{"pin": "abc", "v": 3}]
        with pytest.raises(ProviderRefused):
            adapter.send_metadata(ref, "가" * 342)


class TestErrors:
    def test_throttling_is_tried_again_later(self, adapter, fake_aws):
        fake_aws.throttle()
        with pytest.raises(ProviderError) as failure:
            adapter.live_streams()
        assert not isinstance(failure.value, ProviderRefused)
        assert adapter.live_streams() == []

    def test_being_refused_is_final(self, adapter, fake_aws):
        fake_aws.fail("CreateChannel", "ServiceQuotaExceededException")
        with pytest.raises(ProviderRefused):
            adapter.create_channel("member-a")

    def test_the_service_hears_at_most_five_calls_a_second(self, adapter, fake_aws, monkeypatch):
        monkeypatch.setattr(ivs, "CALLS_PER_SECOND", 5)
        began = time.monotonic()
        for _ in range(6):
            adapter.live_streams()
        assert time.monotonic() - began >= 1


class TestPlaybackTokens:
    @pytest.fixture
    def private(self, adapter, settings):
        settings.IVS_PLAYBACK_PRIVATE_KEY = pem(P384)
        return IvsStreaming()

    def test_a_private_channel_plays_with_a_token_of_ten_minutes(self, private, fake_aws, settings):
        made = private.create_channel("member-a")
        assert fake_aws.calls("CreateChannel")[0]["authorized"] is True
        address, _, token = private.playback_address(made.ref, made.playback_url).partition("?token=")
        assert address == made.playback_url
        claims = jwt.decode(token, P384.public_key(), algorithms=["ES384"])
        assert claims["aws:channel-arn"] == made.ref
        assert claims["aws:access-control-allow-origin"] == settings.SITE_URL
        assert 0 < claims["exp"] - time.time() <= 600
        assert "aws:viewer-id" not in claims

    def test_public_channels_need_none(self, adapter):
        assert adapter.playback_address("arn", "https://x/a.m3u8") == "https://x/a.m3u8"

    @pytest.mark.parametrize("key", ["nonsense", pem(ec.generate_private_key(ec.SECP256R1()))])
    def test_a_key_that_ivs_would_not_take_stops_the_start(self, settings, key):
        settings.IVS_PLAYBACK_PRIVATE_KEY = key
        with pytest.raises(ImproperlyConfigured, match="IVS_PLAYBACK_PRIVATE_KEY"):
            IvsStreaming()


class TestRecordings:
    def test_addresses_follow_from_where_it_is_stored(self, adapter):
        found = adapter.recording_addresses(BUCKET, PREFIX)
        assert found.playback_url == f"https://replay.example.com/{PREFIX}/media/hls/master.m3u8"
        assert found.poster_url == f"https://replay.example.com/{PREFIX}/media/thumbnails/thumb0.jpg"

    @pytest.mark.parametrize("prefix", ["", "ivs/v1", f"{PREFIX}/../x", f"{PREFIX}/media", "videos/ab"])
    def test_what_is_no_recording_has_no_address(self, adapter, prefix):
        with pytest.raises(ProviderRefused):
            adapter.recording_addresses(BUCKET, prefix)

    def test_a_recording_is_deleted_in_batches_and_nothing_beside_it(
        self,
        moto_aws,
        settings,
        monkeypatch,
    ):
        settings.IVS_RECORDINGS_BUCKET = BUCKET
        monkeypatch.setattr(ivs, "DELETED_AT_ONCE", 2)
        s3 = aws_client("s3")
        s3.create_bucket(Bucket=BUCKET)
        beside = f"{PREFIX}x/media/hls/0.ts"
        for key in (*(f"{PREFIX}/media/hls/{number}.ts" for number in range(5)), beside):
            s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
        IvsStreaming().delete_recording(PREFIX)
        IvsStreaming().delete_recording(PREFIX)
        assert [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [beside]

    def test_objects_that_stay_behind_are_an_error(self, moto_aws, settings, monkeypatch):
        settings.IVS_RECORDINGS_BUCKET = BUCKET
        s3 = aws_client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/a", Body=b"x")
        answer = {"Errors": [{"Key": "a", "Code": "AccessDenied"}]}
        monkeypatch.setattr(s3, "delete_objects", lambda **params: answer)
        with pytest.raises(ProviderError, match="AccessDenied"):
            IvsStreaming().delete_recording(PREFIX)


@pytest.mark.parametrize("missing", ["IVS_RECORDINGS_BUCKET", "IVS_RECORDINGS_BASE_URL"])
def test_recordings_need_a_place_to_be_played_from(adapter, settings, missing):
    setattr(settings, missing, "")
    with pytest.raises(ImproperlyConfigured, match=missing):
        IvsStreaming()


def test_the_fake_would_have_noticed_a_wrong_call(fake_aws):
    with pytest.raises(ClientError):
        aws_client("ivs").create_channel(type="FANCY")
