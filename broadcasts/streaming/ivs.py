"""Amazon IVS: https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/"""

import re
import time
from collections.abc import Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from broadcasts.streaming.base import (
    METADATA_BYTES,
    LiveStream,
    LiveStreaming,
    ProviderChannel,
    RecordingAddresses,
    StillLive,
)
from common.aws import AwsRefused, aws_client, calling_aws
from common.errors import ProviderError, ProviderRefused
from common.throttle import wait_for_turn

CALLS_PER_SECOND = 5
"""What Amazon allows an account in a region, per operation; we keep to it over all of them."""
TOKEN_SECONDS = 600
PAGE = 100
KEYS_PAGE = 50
DELETED_AT_ONCE = 1000
# ivs/v1/<account>/<channel>/<year>/<month>/<day>/<hour>/<minute>/<recording>, as "Auto-Record to S3" documents it.
RECORDING_KEY = re.compile(r"ivs/v1/\d+/[A-Za-z0-9-]+(?:/\d+){5}/[A-Za-z0-9]+", re.ASCII)


class IvsStreaming(LiveStreaming):
    """A call is sent once: whoever calls from a task comes back, and finds what a lost answer left behind."""

    def __init__(self) -> None:
        self.region = settings.AWS["region"]
        self.token_key = _token_key(settings.IVS_PLAYBACK_PRIVATE_KEY)
        has_place = settings.IVS_RECORDINGS_BUCKET and settings.IVS_RECORDINGS_BASE_URL
        if settings.IVS_RECORDING_CONFIGURATION_ARN and not has_place:
            raise ImproperlyConfigured(
                "Set IVS_RECORDINGS_BUCKET and IVS_RECORDINGS_BASE_URL: recordings cannot be played otherwise."
            )

    def create_channel(self, name: str) -> ProviderChannel:
        """Return the channel of this name. CreateChannel knows no idempotency token: the name is looked up first."""
        if ref := self._find(name):
            channel = self._call("get_channel", arn=ref)["channel"]
            key = self._stream_key(ref) or self._new_key(ref)
        else:
            recording = settings.IVS_RECORDING_CONFIGURATION_ARN
            made = self._call(
                "create_channel",
                name=name,
                type=settings.IVS_CHANNEL_TYPE,
                latencyMode="LOW",
                authorized=self.token_key is not None,
                tags={"site": settings.SITE_URL},
                **({"recordingConfigurationArn": recording} if recording else {}),
            )
            channel, key = made["channel"], made["streamKey"]["value"]
        return ProviderChannel(
            ref=channel["arn"],
            ingest_url=f"rtmps://{channel['ingestEndpoint']}:443/app/",
            playback_url=channel["playbackUrl"],
            picture_url="",  # stills of a running stream lie in the recordings' bucket only
            stream_key=key,
        )

    def rotate_key(self, ref: str) -> str:
        """Replace the key. A channel has room for one, so that the old one goes first."""
        for old in self._keys(ref):
            try:
                self._call("delete_stream_key", arn=old)
            except AwsRefused as refusal:
                if not refusal.not_found:
                    raise
        return self._new_key(ref)

    def disconnect(self, ref: str) -> None:
        try:
            self._call("stop_stream", channelArn=ref)
        except AwsRefused as refusal:
            if refusal.code != "ChannelNotBroadcasting" and not refusal.not_found:
                raise

    def stop(self, ref: str) -> None:
        """Drop the publisher. The recording is finished when its configuration's reconnect window has passed."""
        self.disconnect(ref)

    def live_streams(self) -> list[LiveStream]:
        """Return what is on. A viewer count of -1 means that IVS could not tell in time."""
        return [
            LiveStream(
                ref=stream["channelArn"],
                stream_id=stream["streamId"],
                started_at=stream["startTime"],
                viewers=stream["viewerCount"] if stream.get("viewerCount", -1) >= 0 else None,
                is_starving={"STARVING": True, "HEALTHY": False}.get(stream.get("health", "")),
            )
            for stream in self._all("list_streams", "streams", maxResults=PAGE)
            if stream.get("state") == "LIVE"
        ]

    def recording_addresses(self, bucket: str, key_prefix: str) -> RecordingAddresses:
        if bucket != settings.IVS_RECORDINGS_BUCKET or not RECORDING_KEY.fullmatch(key_prefix):
            raise ProviderRefused(f"{bucket}/{key_prefix} is not ours")
        base = f"{settings.IVS_RECORDINGS_BASE_URL}/{key_prefix}/media"
        return RecordingAddresses(
            playback_url=f"{base}/hls/master.m3u8", poster_url=f"{base}/thumbnails/thumb0.jpg"
        )

    def read_recording(self, key_prefix: str, name: str, *, most_bytes: int) -> bytes:
        if not RECORDING_KEY.fullmatch(key_prefix) or ".." in name.split("/"):
            raise ProviderRefused(f"{key_prefix} is not a recording")
        bucket, key = settings.IVS_RECORDINGS_BUCKET, f"{key_prefix}/media/{name}"
        with calling_aws():
            found = aws_client("s3").get_object(Bucket=bucket, Key=key)
            with found["Body"] as body:
                if found["ContentLength"] > most_bytes:
                    raise ProviderRefused(f"{name} is larger than {most_bytes} bytes")
                return body.read()

    def delete_recording(self, key_prefix: str) -> None:
        if not RECORDING_KEY.fullmatch(key_prefix):
            raise ProviderRefused(f"{key_prefix} is not a recording")
        client, bucket = aws_client("s3"), settings.IVS_RECORDINGS_BUCKET
        with calling_aws():
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=f"{key_prefix}/", PaginationConfig={"PageSize": DELETED_AT_ONCE}
            )
            for page in pages:
                objects = [{"Key": found["Key"]} for found in page.get("Contents", [])]
                if not objects:
                    continue
                answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
                if errors := answer.get("Errors"):
                    raise ProviderError(f"DeleteObjects: {errors[0].get('Code')} ({len(errors)} objects)")

    def delete_channel(self, ref: str) -> None:
        try:
            self._call("delete_channel", arn=ref)
        except AwsRefused as refusal:
            if refusal.conflict:
                raise StillLive(f"{ref} is live") from refusal
            if not refusal.not_found:
                raise

    def playback_address(self, ref: str, playback_url: str) -> str:
        """Sign a token when channels are private. It names no viewer: one address serves everybody in a room."""
        if self.token_key is None or not playback_url:
            return playback_url
        claims = {
            "aws:channel-arn": ref,
            "aws:access-control-allow-origin": settings.SITE_URL,
            "exp": int(time.time()) + TOKEN_SECONDS,
        }
        return f"{playback_url}?token={jwt.encode(claims, self.token_key, algorithm='ES384')}"

    def send_metadata(self, ref: str, text: str) -> None:
        if len(text.encode()) > METADATA_BYTES:
            raise ProviderRefused(f"timed metadata of more than {METADATA_BYTES} bytes")
        wait_for_turn(f"ivs-metadata:{ref}", per_second=CALLS_PER_SECOND)  # this limit is per channel
        try:
            with calling_aws():
                aws_client("ivs", tries=1).put_metadata(channelArn=ref, metadata=text)
        except AwsRefused as refusal:
            if refusal.code != "ChannelNotBroadcasting":
                raise

    def _find(self, name: str) -> str | None:
        """Return the arn of the channel of exactly this name; the filter may know better than we what matches."""
        found = self._all("list_channels", "channels", filterByName=name, maxResults=PAGE)
        return min((channel["arn"] for channel in found if channel["name"] == name), default=None)

    def _keys(self, ref: str) -> list[str]:
        found = self._all("list_stream_keys", "streamKeys", channelArn=ref, maxResults=KEYS_PAGE)
        return [key["arn"] for key in found]

    def _stream_key(self, ref: str) -> str | None:
        keys = self._keys(ref)
        return self._call("get_stream_key", arn=keys[0])["streamKey"]["value"] if keys else None

    def _new_key(self, ref: str) -> str:
        return self._call("create_stream_key", channelArn=ref)["streamKey"]["value"]

    def _all(self, operation: str, name: str, **params: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Yield the rows of every page."""
        token: dict[str, str] = {}
        while True:
            answer = self._call(operation, **params, **token)
            yield from answer[name]
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        wait_for_turn(f"ivs:{self.region}", per_second=CALLS_PER_SECOND)
        with calling_aws():
            return getattr(aws_client("ivs", tries=1), operation)(**params)


def _token_key(pem: str) -> ec.EllipticCurvePrivateKey | None:
    """Return the key that signs playback tokens; None when channels are public."""
    if not pem:
        return None
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured("IVS_PLAYBACK_PRIVATE_KEY is not a private key in PEM.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp384r1":
        raise ImproperlyConfigured("IVS_PLAYBACK_PRIVATE_KEY must be an EC key on P-384.")
    return key
