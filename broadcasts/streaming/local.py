"""The built-in provider: channels in our own database, video through `manage.py ingest`."""

import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from django.db import transaction

from broadcasts.models import LocalChannel
from broadcasts.streaming.base import LiveStream, LiveStreaming, ProviderChannel, RecordingAddresses
from common.codes import new_code
from common.errors import ProviderError, ProviderRefused

BUCKET = "local"
TIMEOUT_SECONDS = 5
TOLD = ("width", "height", "fps", "bitrate_bps", "keyframe_ms", "has_sound")


class LocalStreaming(LiveStreaming):
    """`ingest_url` is what encoders are told; `control_url` is where this site reaches the ingest process."""

    def __init__(
        self,
        *,
        ingest_url: str,
        playback_base_url: str,
        control_url: str,
        control_secret: str,
        recordings_root: str,
    ) -> None:
        self.ingest_url = ingest_url
        self.playback_base_url = playback_base_url
        self.control_url = control_url
        self.control_secret = control_secret
        self.recordings_root = Path(recordings_root)

    def create_channel(self, name: str) -> ProviderChannel:
        playback_id = new_code() + new_code()
        key = new_stream_key()
        row, _ = LocalChannel.objects.get_or_create(
            name=name,
            defaults={
                "ref": f"local:{playback_id}",
                "playback_id": playback_id,
                "stream_key": key,
                "key_digest": LocalChannel.digest(key),
            },
        )
        live = f"{self.playback_base_url}/live/{row.playback_id}"
        return ProviderChannel(
            ref=row.ref,
            ingest_url=self.ingest_url,
            playback_url=f"{live}/index.m3u8",
            picture_url=f"{live}/picture.jpg",
            stream_key=row.stream_key,
        )

    @transaction.atomic
    def rotate_key(self, ref: str) -> str:
        row = LocalChannel.objects.select_for_update().filter(ref=ref).first()
        if row is None:
            raise ProviderRefused(f"no channel {ref}")
        row.stream_key = new_stream_key()
        row.key_digest = LocalChannel.digest(row.stream_key)
        row.save(update_fields=["stream_key", "key_digest"])
        return row.stream_key

    def disconnect(self, ref: str) -> None:
        self._control("POST", f"/control/channels/{ref}/disconnect")

    def stop(self, ref: str) -> None:
        self._control("POST", f"/control/channels/{ref}/stop")

    def live_streams(self) -> list[LiveStream]:
        return [
            LiveStream(
                ref=stream["ref"],
                stream_id=stream["stream_id"],
                started_at=datetime.fromisoformat(stream["started_at"]),
                **{key: stream.get(key) for key in TOLD},
            )
            for stream in self._control("GET", "/control/streams").get("streams", [])
        ]

    def live_origin(self, ref: str) -> str:
        playback_id = LocalChannel.objects.filter(ref=ref).values_list("playback_id", flat=True).first()
        return f"{self.control_url}/live/{playback_id}/" if playback_id else ""

    def recording_addresses(self, bucket: str, key_prefix: str) -> RecordingAddresses:
        if bucket != BUCKET or not key_prefix.startswith("recordings/"):
            raise ProviderRefused(f"{bucket}/{key_prefix} is not ours")
        base = f"{self.playback_base_url}/{key_prefix}/media"
        return RecordingAddresses(
            playback_url=f"{base}/hls/master.m3u8", poster_url=f"{base}/thumbnails/thumb0.jpg"
        )

    def read_recording(self, key_prefix: str, name: str, *, most_bytes: int) -> bytes:
        media = self.recordings_root.parent / key_prefix / "media"
        file = (media / name).resolve()
        if (
            self.recordings_root.resolve() not in media.resolve().parents
            or media.resolve() not in file.parents
        ):
            raise ProviderRefused(f"{name} is not of a recording")
        try:
            if file.stat().st_size > most_bytes:
                raise ProviderRefused(f"{name} is larger than {most_bytes} bytes")
            return file.read_bytes()
        except FileNotFoundError as error:
            raise ProviderRefused(f"{name} is not there") from error
        except OSError as error:
            raise ProviderError(f"{name} cannot be read: {error.strerror}") from error

    def delete_recording(self, key_prefix: str) -> None:
        folder = (self.recordings_root.parent / key_prefix).resolve()
        if self.recordings_root.resolve() not in folder.parents:
            raise ProviderRefused(f"{key_prefix} is not a recording")
        shutil.rmtree(folder, ignore_errors=True)

    def delete_channel(self, ref: str) -> None:
        """Delete the books first: the key opens nothing any more when the publisher is dropped."""
        LocalChannel.objects.filter(ref=ref).delete()
        self.stop(ref)

    def _control(self, method: str, path: str) -> dict[str, Any]:
        """Ask the ingest process. One that does not run carries no stream: that is an answer, not an error."""
        try:
            response = httpx.request(
                method,
                self.control_url + path,
                headers={"Authorization": f"Bearer {self.control_secret}"},
                timeout=TIMEOUT_SECONDS,
            )
        except httpx.ConnectError:
            return {}
        except httpx.HTTPError as error:
            raise ProviderError(f"ingest does not answer: {type(error).__name__}") from error
        if response.status_code >= 500:
            raise ProviderError(f"ingest answered {response.status_code}")
        if response.status_code >= 400:
            raise ProviderRefused(f"ingest answered {response.status_code}")
        return response.json()


def new_stream_key() -> str:
    """Return a fresh key: 192 random bits, safe in a URL path."""
    return f"live_{secrets.token_urlsafe(24)}"
