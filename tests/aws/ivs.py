"""Amazon IVS in memory: channels, their one stream key, streams, timed metadata, playback keys.

Rules that the model does not hold are from the API reference: one key per channel, a live channel cannot be deleted,
metadata of at most 1 KB goes to live channels only.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.aws.names import REGION, arn, envelope, some_id
from tests.aws.server import FakeService, Params, ServiceFault

METADATA_BYTES = 1024
PLAYBACK_KEYS = 3


class FakeIvs(FakeService):
    """`go_live` and `go_off` are the encoder's side; `emit` hears the events EventBridge would deliver."""

    name = "ivs"
    invalid_code = "ValidationException"
    throttled_code = "ThrottlingException"

    def __init__(self, emit: Callable[[dict[str, Any]], None] = lambda event: None) -> None:
        super().__init__(emit)
        self.channels: dict[str, Params] = {}
        self.keys: dict[str, Params] = {}
        self.streams: dict[str, Params] = {}
        self.playback_keys: dict[str, Params] = {}
        self.metadata: list[Params] = []
        """What PutMetadata was given, in order."""

    # --- The encoder ---------------------------------------------------------------------------------------
    def go_live(self, channel_arn: str, *, viewers: int = 0) -> str:
        """Put a channel on air and return the stream's id. `viewers` -1 is IVS's "ask again"."""
        with self.operating():
            stream_id = f"st-{some_id(23)}"
            self.streams[channel_arn] = {
                "channelArn": channel_arn,
                "streamId": stream_id,
                "playbackUrl": self.channels[channel_arn]["playbackUrl"],
                "startTime": datetime.now(UTC).replace(microsecond=0),
                "state": "LIVE",
                "health": "HEALTHY",
                "viewerCount": viewers,
            }
            self._tell(channel_arn, "Stream Start", stream_id)
        return stream_id

    def go_off(self, channel_arn: str) -> None:
        """Let the encoder stop."""
        with self.operating():
            stream = self.streams.pop(channel_arn)
            self._tell(channel_arn, "Stream End", stream["streamId"])

    def _tell(self, channel_arn: str, event_name: str, stream_id: str) -> None:
        name = self.channels[channel_arn]["name"]
        detail = {"event_name": event_name, "channel_name": name, "stream_id": stream_id}
        self.tell(envelope("aws.ivs", "IVS Stream State Change", channel_arn, detail))

    # --- Channels ------------------------------------------------------------------------------------------
    def create_channel(self, params: Params) -> Params:
        number = some_id(12)
        host = some_id(12).lower()
        address = f"https://{host}.{REGION}.playback.live-video.net/api/video/v1/{REGION}.{number}.m3u8"
        channel = {
            "arn": arn("ivs", f"channel/{number}"),
            "name": "",
            "latencyMode": "LOW",
            "type": "STANDARD",
            "recordingConfigurationArn": "",
            "playbackRestrictionPolicyArn": "",
            "authorized": False,
            "insecureIngest": False,
            "tags": {},
            **params,
            "ingestEndpoint": f"{host}.global-contribute.live-video.net",
            "playbackUrl": address,
        }
        self.channels[channel["arn"]] = channel
        return {"channel": channel, "streamKey": self._new_key(channel["arn"], {})}

    def get_channel(self, params: Params) -> Params:
        return {"channel": self._channel(params["arn"])}

    def batch_get_channel(self, params: Params) -> Params:
        lost = [ref for ref in params["arns"] if ref not in self.channels]
        return {
            "channels": [self.channels[ref] for ref in params["arns"] if ref in self.channels],
            # The model's pattern for these arns matches none, so the fake cannot name them either.
            "errors": [{"code": "ResourceNotFoundException", "message": f"{ref} not found"} for ref in lost],
        }

    def list_channels(self, params: Params) -> Params:
        if sum(name.startswith("filterBy") for name in params) > 1:
            raise ServiceFault("ValidationException", "one filter at a time")
        recording = params.get("filterByRecordingConfigurationArn")
        found = [
            {name: part for name, part in channel.items() if name not in ("ingestEndpoint", "playbackUrl")}
            for channel in self.channels.values()
            if channel["name"] == params.get("filterByName", channel["name"])
            and recording in (None, channel["recordingConfigurationArn"])
        ]
        return page("channels", found, params)

    def delete_channel(self, params: Params) -> None:
        self._channel(params["arn"])
        if params["arn"] in self.streams:
            raise ServiceFault("ConflictException", "the channel is live")
        del self.channels[params["arn"]]
        self.keys = {ref: key for ref, key in self.keys.items() if key["channelArn"] != params["arn"]}

    def _channel(self, ref: str) -> Params:
        if ref not in self.channels:
            raise ServiceFault("ResourceNotFoundException", f"{ref} not found")
        return self.channels[ref]

    # --- Stream keys ---------------------------------------------------------------------------------------
    def create_stream_key(self, params: Params) -> Params:
        channel = self._channel(params["channelArn"])
        if any(key["channelArn"] == channel["arn"] for key in self.keys.values()):
            raise ServiceFault("ServiceQuotaExceededException", "one stream key per channel")
        return {"streamKey": self._new_key(channel["arn"], params.get("tags", {}))}

    def get_stream_key(self, params: Params) -> Params:
        return {"streamKey": self._key(params["arn"])}

    def list_stream_keys(self, params: Params) -> Params:
        self._channel(params["channelArn"])
        found = [
            {name: part for name, part in key.items() if name != "value"}
            for key in self.keys.values()
            if key["channelArn"] == params["channelArn"]
        ]
        return page("streamKeys", found, params)

    def delete_stream_key(self, params: Params) -> None:
        self._key(params["arn"])
        del self.keys[params["arn"]]

    def _new_key(self, channel_arn: str, tags: dict[str, str]) -> Params:
        key = {
            "arn": arn("ivs", f"stream-key/{some_id(12)}"),
            "value": f"sk_{REGION}_{some_id(12)}_{some_id(30)}",
            "channelArn": channel_arn,
            "tags": tags,
        }
        self.keys[key["arn"]] = key
        return key

    def _key(self, ref: str) -> Params:
        if ref not in self.keys:
            raise ServiceFault("ResourceNotFoundException", f"{ref} not found")
        return self.keys[ref]

    # --- Streams -------------------------------------------------------------------------------------------
    def list_streams(self, params: Params) -> Params:
        health = params.get("filterBy", {}).get("health")
        found = [
            {name: part for name, part in stream.items() if name != "playbackUrl"}
            for stream in self.streams.values()
            if health in (None, stream["health"])
        ]
        return page("streams", found, params)

    def get_stream(self, params: Params) -> Params:
        return {"stream": self._stream(params["channelArn"])}

    def stop_stream(self, params: Params) -> None:
        stream = self._stream(params["channelArn"])
        del self.streams[params["channelArn"]]
        self._tell(params["channelArn"], "Stream End", stream["streamId"])

    def put_metadata(self, params: Params) -> None:
        self._stream(params["channelArn"])
        if len(params["metadata"].encode()) > METADATA_BYTES:
            raise ServiceFault("ValidationException", "metadata is larger than 1 KB")
        self.metadata.append(params)

    def _stream(self, channel_arn: str) -> Params:
        self._channel(channel_arn)
        if channel_arn not in self.streams:
            raise ServiceFault("ChannelNotBroadcasting", f"{channel_arn} is not live")
        return self.streams[channel_arn]

    # --- Playback keys -------------------------------------------------------------------------------------
    def import_playback_key_pair(self, params: Params) -> Params:
        if not params["publicKeyMaterial"].startswith("-----BEGIN PUBLIC KEY-----"):
            raise ServiceFault("ValidationException", "the key is no PEM")
        digest = hashlib.sha256(params["publicKeyMaterial"].encode()).hexdigest()
        fingerprint = ":".join(digest[at : at + 2] for at in range(0, 32, 2))
        if any(key["fingerprint"] == fingerprint for key in self.playback_keys.values()):
            raise ServiceFault("ConflictException", "the key was imported already")
        if len(self.playback_keys) >= PLAYBACK_KEYS:
            raise ServiceFault("ServiceQuotaExceededException", f"{PLAYBACK_KEYS} playback keys")
        key = {
            "arn": arn("ivs", f"playback-key/{some_id(12)}"),
            "name": params.get("name", ""),
            "fingerprint": fingerprint,
            "tags": params.get("tags", {}),
        }
        self.playback_keys[key["arn"]] = key
        return {"keyPair": key}

    def get_playback_key_pair(self, params: Params) -> Params:
        if params["arn"] not in self.playback_keys:
            raise ServiceFault("ResourceNotFoundException", f"{params['arn']} not found")
        return {"keyPair": self.playback_keys[params["arn"]]}


def page(name: str, rows: list[Params], params: Params) -> Params:
    """Return one page of rows; the token is the place where the next one begins."""
    start = int(params.get("nextToken") or 0)
    end = start + params.get("maxResults", 50)
    return {name: rows[start:end], **({"nextToken": str(end)} if end < len(rows) else {})}
