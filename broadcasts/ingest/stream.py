"""One connection's media: FLV tags understood, clock unwrapped, started when its codecs are known."""

import asyncio
from typing import Any, NamedTuple, NoReturn, Protocol

from .codecs import AudioConfig, VideoConfig, parse_audio_config, parse_video_config
from .config import Config
from .health import Health
from .refusals import BITRATE_HIGH, NO_VIDEO, UNSUPPORTED_AUDIO_CODEC, UNSUPPORTED_VIDEO_CODEC, Refused

AVC, AAC, ENHANCED_AUDIO = 7, 10, 9
CONFIGURATION, FRAME = 0, 1
KEY, COMMAND_FRAME = 1, 5

MAX_BACK_MS, MAX_SKEW_MS, MAX_AHEAD_MS = 100, 3_000, 10_000
"""A clock was reset when it goes back further in one track, or moves further between any two messages."""

STEP_MS = 33
WAIT_FOR_SOUND_MS = 1_000
WAIT_FOR_VIDEO_SECONDS = 5.0
MAX_WAITING_FRAMES = 600

_VIDEO_CODECS = {2: "Sorenson H.263", 3: "Screen video", 4: "VP6", 5: "VP6", 12: "HEVC (H.265)", 13: "AV1"}
_AUDIO_CODECS = {2: "MP3", 7: "G.711", 8: "G.711", 11: "Speex", 13: "Opus", 14: "MP3"}
_FOURCC = {b"hvc1": "HEVC (H.265)", b"av01": "AV1", b"vp09": "VP9", b"Opus": "Opus", b".mp3": "MP3"}


class Show(Protocol):
    """What a stream needs from the session it belongs to."""

    def stream_started(self, stream: "Stream") -> None: ...
    def stream_closed(self, stream: "Stream") -> None: ...
    def stream_refused(self, stream: "Stream", refused: Refused) -> None: ...
    def configure(self, video: VideoConfig, audio: AudioConfig | None) -> None: ...
    def video(self, dts: int, offset: int, key: bool, data: memoryview) -> None: ...
    def audio(self, time_ms: int, data: memoryview) -> None: ...


class Clock:
    """Unwraps the 32-bit millisecond clock that both tracks share; resets and jumps become one small step.

    Tracks may be out of step with each other, as encoders interleave them loosely, but none runs backwards by itself.
    """

    def __init__(self) -> None:
        self._raw: int | None = None
        self._time = self._latest = 0
        self._track_times: dict[str, int] = {}

    def read(self, raw: int, track: str) -> int:
        if self._raw is None:
            self._raw = raw
        delta = (raw - self._raw + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
        self._raw = raw
        time = self._time + delta
        back = self._track_times.get(track, time) - time
        if back > MAX_BACK_MS or not -MAX_SKEW_MS <= delta <= MAX_AHEAD_MS:
            time = self._latest + STEP_MS
            self._track_times.clear()
        self._time = self._track_times[track] = time
        self._latest = max(self._latest, time)
        return time


class _Frame(NamedTuple):
    is_video: bool
    time: int
    offset: int
    key: bool
    data: memoryview


class Stream:
    """An rtmp.Sink. `id` names this connection in events."""

    def __init__(self, show: Show, config: Config, stream_id: str) -> None:
        self.id = stream_id
        self.started = False
        self._opened = asyncio.get_running_loop().time()
        self.health = Health(config, self._opened)
        self._show = show
        self._clock = Clock()
        self._closed = False
        self._video_config: VideoConfig | None = None
        self._audio_config: AudioConfig | None = None
        self._configured: tuple[VideoConfig, AudioConfig | None] | None = None
        self._expects_sound = True
        self._waiting: list[_Frame] = []

    def metadata(self, values: dict[str, Any]) -> None:
        if (
            values
            and "audiocodecid" not in values
            and values.get("hasAudio") is not True
            and "width" in values
        ):
            self._expects_sound = False

    def video(self, timestamp: int, payload: bytearray) -> None:
        try:
            self._video_tag(self._clock.read(timestamp, "video"), payload)
        except Refused as refused:
            self._show.stream_refused(self, refused)
            raise

    def audio(self, timestamp: int, payload: bytearray) -> None:
        try:
            self._audio_tag(self._clock.read(timestamp, "audio"), payload)
        except Refused as refused:
            self._show.stream_refused(self, refused)
            raise

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.clear()
            self._show.stream_closed(self)

    def check(self, now: float) -> Refused | None:
        """Called about once a second; why the stream may not go on, if so."""
        if self.health.is_flooding:
            return Refused(BITRATE_HIGH, "The bitrate is far above the limit.")
        if not self.started and self.health.has_data and now - self._opened > WAIT_FOR_VIDEO_SECONDS:
            return Refused(NO_VIDEO, "No video is coming, only sound.")
        return None

    # Tags

    def _video_tag(self, time: int, payload: bytearray) -> None:
        self.health.received(len(payload))
        head = payload[0]
        if head & 0x80:
            _refuse_video(_FOURCC.get(bytes(payload[1:5]), "This kind of"))
        if head & 15 != AVC:
            _refuse_video(_VIDEO_CODECS.get(head & 15, "This kind of"))
        if len(payload) < 5 or head >> 4 == COMMAND_FRAME:
            return
        if payload[1] == CONFIGURATION:
            record = bytes(payload[5:])
            if self._video_config is None or record != self._video_config.record:
                self._video_config = parse_video_config(record)
        elif payload[1] == FRAME and len(payload) > 5 and self._video_config is not None:
            offset = int.from_bytes(payload[2:5], signed=True)
            self._frame(self._video_config, time, offset, head >> 4 == KEY, memoryview(payload)[5:])

    def _audio_tag(self, time: int, payload: bytearray) -> None:
        self.health.received(len(payload))
        codec = payload[0] >> 4
        if codec != AAC:
            name = _FOURCC.get(bytes(payload[1:5])) if codec == ENHANCED_AUDIO else _AUDIO_CODECS.get(codec)
            reason = f"{name or 'This kind of'} sound is not supported; set the audio encoder to AAC."
            raise Refused(UNSUPPORTED_AUDIO_CODEC, reason)
        if len(payload) < 2:
            return
        if payload[1] == CONFIGURATION:
            record = bytes(payload[2:])
            if record and (self._audio_config is None or record != self._audio_config.record):
                self._audio_config = parse_audio_config(record)
        elif len(payload) > 2 and self._audio_config is not None:
            self._sound(time, memoryview(payload)[2:])

    def _frame(self, config: VideoConfig, time: int, offset: int, key: bool, data: memoryview) -> None:
        self.health.video(time, key)
        if not self.started:
            if key or self._waiting:
                self._waiting.append(_Frame(True, time, offset, key, data))
                self._start_when_known(config)
            return
        if self._configured != (config, self._audio_config) and key:
            self._configure(config)
        elif self._configured is None or self._configured[0] is not config:
            return  # of a new codec configuration, but nothing can be decoded before its first keyframe
        self._show.video(time, offset, key, data)

    def _sound(self, time: int, data: memoryview) -> None:
        if not self.started:
            if self._waiting:
                self._waiting.append(_Frame(False, time, 0, False, data))
        elif self._configured is not None and self._configured[1] is self._audio_config:
            self._show.audio(time, data)

    def _start_when_known(self, config: VideoConfig) -> None:
        """Hold frames until it is known whether there is sound."""
        waited = self._waiting[-1].time - self._waiting[0].time
        known = self._audio_config is not None or not self._expects_sound
        if not known and waited < WAIT_FOR_SOUND_MS and len(self._waiting) < MAX_WAITING_FRAMES:
            return
        self.started = True
        self._show.stream_started(self)
        self._configure(config)
        waiting, self._waiting = self._waiting, []
        for frame in waiting:
            if frame.is_video:
                self._show.video(frame.time, frame.offset, frame.key, frame.data)
            else:
                self._show.audio(frame.time, frame.data)

    def _configure(self, video: VideoConfig) -> None:
        self._configured = (video, self._audio_config)
        self._show.configure(video, self._audio_config)


def _refuse_video(name: str) -> NoReturn:
    reason = f"{name} video cannot be played by every browser; set the video encoder to H.264."
    raise Refused(UNSUPPORTED_VIDEO_CODEC, reason)
