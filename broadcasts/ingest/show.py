"""A channel's show: what outlives one connection of its encoder.

Receiving ⇄ waiting for the encoder (at most the reconnect window) → ended. One show is one timeline, one live
window and one recording.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from . import events, health
from .channel import Channel
from .codecs import AudioConfig, VideoConfig
from .config import Config
from .events import Envelope, Outbox
from .fmp4 import Sample, fragment
from .journal import SavedSession
from .packager import Packager
from .playlist import iso_time
from .recorder import POSTER_AFTER_MS, Recorder
from .refusals import ALREADY_PUBLISHING, Refused
from .resume import has_poster, refill
from .rtmp import Publisher
from .segments import Init, Part, Segment
from .stills import Stills
from .stream import Stream
from .window import LiveWindow

logger = logging.getLogger(__name__)

PICTURE_MAX_AGE = 8.0
TELL_BUSY_EVERY = 30.0
MIN_WAIT_AFTER_RESTART = 10.0
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


@dataclass(frozen=True)
class Services:
    """What all shows share."""

    config: Config
    outbox: Outbox
    stills: Stills
    executor: Executor


def random_word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class Show:
    """`on_gone` is called when nobody can need the show any more."""

    def __init__(
        self,
        channel: Channel,
        services: Services,
        on_gone: Callable[["Show"], None],
        saved: SavedSession | None = None,
    ) -> None:
        self.channel = channel
        self.session_id = saved.session_id if saved else random_word(16)
        epoch = random_word(6)
        self.window = LiveWindow(epoch)
        self.stream: Stream | None = None
        self.ended = False
        self.rendered = (-1, b"")
        self._services = services
        self._config = services.config
        self._loop = asyncio.get_running_loop()
        self._on_gone = on_gone
        self._publisher: Publisher | None = None
        self._stream_ids: list[str] = []
        self._started_at = ""
        self._finishing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._keyframe: memoryview | None = None
        self._picture: bytes | None = None
        self._picture_at = 0.0
        self._picture_task: asyncio.Task[bytes | None] | None = None
        self._has_poster = False
        self._deadline = 0.0
        self._owed = 0
        self._tell_busy_at = 0.0
        self._recorder = Recorder(
            self._config.recordings, channel, self.session_id, services.executor, self._recording_failed
        )
        last = self._restore(saved) if saved else None
        self._packager = Packager(self, self._config, epoch=epoch, last=last)

    # Publishers

    def attach(self, publisher: Publisher) -> Stream:
        """Let an encoder in. Raises Refused when another one is there."""
        if self.stream is not None:
            refused = Refused(ALREADY_PUBLISHING, "Another encoder is already publishing to this channel.")
            # Encoders try again every few seconds; the seller need not be told each time.
            if self._loop.time() >= self._tell_busy_at:
                self._tell_busy_at = self._loop.time() + TELL_BUSY_EVERY
                self._tell_failure("st-" + random_word(24), refused)
            raise refused
        self.stream = Stream(self, self._config, "st-" + random_word(24))
        self._publisher = publisher
        return self.stream

    def disconnect(self) -> bool:
        """Drop the encoder, if there is one; the show waits for the next."""
        if self._publisher is None:
            return False
        self._publisher.abort()
        return True

    def stream_started(self, stream: Stream) -> None:
        first = not self._stream_ids
        self._stream_ids.append(stream.id)
        self._started_at = iso_time(time.time())
        if first:
            self._recorder.start()
        self._tell(events.stream_state(self.channel, stream.id, "Stream Start"))
        if first:
            self._tell_recording("Recording Start")
        logger.info(
            "Channel %s: stream %s of session %s started", self.channel.ref, stream.id, self.session_id
        )

    def stream_refused(self, stream: Stream, refused: Refused) -> None:
        logger.warning("Channel %s: stream %s refused: %s", self.channel.ref, stream.id, refused.reason)
        self._tell_failure(stream.id, refused)

    def stream_closed(self, stream: Stream) -> None:
        self.stream = self._publisher = None
        if stream.started:
            self._packager.flush()
            self._tell(events.stream_state(self.channel, stream.id, "Stream End"))
            logger.info("Channel %s: stream %s ended", self.channel.ref, stream.id)
            self._deadline = self._loop.time() + self._config.reconnect_window
        elif not self._stream_ids:
            self._abandon()

    @property
    def is_receiving(self) -> bool:
        return self.stream is not None and self.stream.started

    # Media, from the stream

    def configure(self, video: VideoConfig, audio: AudioConfig | None) -> None:
        self._packager.configure(video, audio)

    def video(self, dts: int, offset: int, key: bool, data: memoryview) -> None:
        if key:
            self._keyframe = data
        self._packager.video(dts, offset, key, data)

    def audio(self, time_ms: int, data: memoryview) -> None:
        self._packager.audio(time_ms, data)

    # Pieces, from the packager

    def segment_begun(self, segment: Segment) -> None:
        self.window.segment_begun(segment)

    def part_added(self, segment: Segment, part: Part) -> None:
        self.window.part_added(segment, part)

    def segment_ended(self, segment: Segment) -> None:
        self.window.segment_ended(segment)
        self._recorder.add(segment)
        if not self._has_poster and segment.start_ms + segment.duration_ms >= POSTER_AFTER_MS:
            self._has_poster = True
            self._spawn(self._add_poster())

    # Time

    def tick(self, now: float) -> None:
        """Called about once a second."""
        stream, publisher = self.stream, self._publisher
        if stream is None or publisher is None:
            if not self.ended and now >= self._deadline:
                self.finish()
            return
        for change in stream.health.tick(now):
            if stream.started:
                self._tell_health(stream, change)
        refused = stream.check(now)
        if refused is not None:
            self.stream_refused(stream, refused)
            publisher.refuse(refused)

    # The end

    def finish(self) -> asyncio.Task[None]:
        """End the show: drop the encoder, close the recording. The task is done when the replay plays."""
        if self._finishing is None:
            self.disconnect()
            self.ended = True
            self.window.end()
            self._finishing = self._spawn(self._finish())
        return self._finishing

    async def suspend(self) -> None:
        """The server stops: drop the encoder, leave the session on disk to be resumed."""
        self.disconnect()
        if self._finishing is not None:
            await self._finishing

    async def close(self) -> None:
        await self._recorder.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _finish(self) -> None:
        await self._recorder.finish()
        if not self._recorder.failed:
            self._tell_recording("Recording End")
        logger.info("Channel %s: session %s finished", self.channel.ref, self.session_id)
        self._spawn(self._leave())

    async def _leave(self) -> None:
        if not self._has_poster:
            await self._add_poster()
        await asyncio.sleep(self._config.ended_linger)
        while self._owed:
            await asyncio.sleep(1)
        await self._recorder.forget()
        self._on_gone(self)

    def _abandon(self) -> None:
        """No media ever came: as if nothing had been."""
        self.ended = True
        self._spawn(self._recorder.close())
        self._on_gone(self)

    def _restore(self, saved: SavedSession) -> Segment | None:
        """Take over the session of a former process. Returns its last segment."""
        self._stream_ids = list(saved.streams)
        self._has_poster = has_poster(self._config.recordings, saved)
        self._recorder.resume(saved)
        for event in saved.owed_events.values():
            self._owe(event)
        for stream_id in saved.open_streams:
            self._tell(events.stream_state(self.channel, stream_id, "Stream End"))
        silent_for = max(0.0, time.time() - saved.last_activity)
        left = 0.0 if saved.finished else self._config.reconnect_window - silent_for
        # An encoder needs a moment to find out that the server is back.
        self._deadline = self._loop.time() + (max(left, MIN_WAIT_AFTER_RESTART) if left > 0 else 0)
        return refill(self.window, saved, self._config.recordings)

    # Stills

    async def picture(self) -> bytes | None:
        """A recent JPEG of the live picture, at most a few seconds old."""
        if self._picture is None or self._loop.time() - self._picture_at > PICTURE_MAX_AGE:
            if self._picture_task is None:
                self._picture_task = self._spawn(self._take_picture())
            if self._picture is None:
                await asyncio.shield(self._picture_task)
        return self._picture

    async def _take_picture(self) -> bytes | None:
        try:
            movie = self._still_movie()
            if movie is not None:
                self._picture = await self._services.stills.picture(movie) or self._picture
                self._picture_at = self._loop.time()
            return self._picture
        finally:
            self._picture_task = None

    def _still_movie(self) -> bytes | None:
        """The newest keyframe as a movie of one frame; after a restart the newest segment."""
        last = self.window.last_complete
        if self._keyframe is not None and self.window.init is not None:
            init = Init.of(self.window.init.video, None)
            return init.data + fragment(1, [Sample(0, self._keyframe, duration=1000)], [])
        return last.init.data + last.data if last else None

    async def _add_poster(self) -> None:
        picture = await self.picture()
        if picture is not None:
            self._recorder.add_poster(picture)

    # Telling

    def describe(self) -> dict[str, Any]:
        """The show as the control API tells it."""
        stream = self.stream if self.stream and self.stream.started else None
        video = self.window.init.video if self.window.init else None
        codes = set(stream.health.codes) if stream else set()
        if self._recorder.failed:
            codes.add(health.RECORDING_FAILED)
        return {
            "ref": self.channel.ref,
            "stream_id": self._stream_ids[-1] if self._stream_ids else None,
            "session_id": self.session_id,
            "started_at": self._started_at,
            "connected": stream is not None,
            "bitrate_bps": stream.health.bitrate if stream else 0,
            "width": video.width if video else 0,
            "height": video.height if video else 0,
            "fps": (video.fps if video and video.fps else stream.health.fps) if stream else 0,
            "keyframe_ms": stream.health.keyframe_ms if stream else 0,
            "has_sound": bool(self.window.init and self.window.init.audio) if stream else None,
            "health": sorted(codes),
        }

    def _tell(self, event: Envelope, *, journaled: bool = True) -> None:
        if not journaled:
            self._services.outbox.send(event)
            return
        self._recorder.note({"event": event})
        self._owe(event)

    def _owe(self, event: Envelope) -> None:
        self._owed += 1
        self._services.outbox.send(event, lambda: self._paid(event["id"]))

    def _paid(self, event_id: str) -> None:
        self._owed -= 1
        self._recorder.note({"delivered": event_id})

    def _tell_recording(self, status: str, reason: str = "") -> None:
        self._tell(
            events.recording_state(
                self.channel,
                status,
                session_id=self.session_id,
                duration_ms=self._recorder.duration_ms,
                stream_ids=list(self._stream_ids),
                reason=reason,
            )
        )

    def _tell_failure(self, stream_id: str, refused: Refused) -> None:
        event = events.stream_state(
            self.channel, stream_id, "Stream Failure", reason=refused.reason, code=refused.code
        )
        self._tell(event, journaled=False)

    def _tell_health(self, stream: Stream, change: health.Change) -> None:
        begins = change.kind == "begins"
        match change.code:
            case health.STARVATION:
                name = "Starvation Start" if begins else "Starvation End"
                event = events.stream_health(self.channel, stream.id, name)
            case health.KEYFRAME_INTERVAL:
                name = "Keyframe Interval High" if begins else "Keyframe Interval Normal"
                event = events.stream_health(self.channel, stream.id, name, keyframe_ms=change.value)
            case health.BITRATE_HIGH if begins:
                limit = self._config.max_bitrate
                event = events.bitrate_breach(self.channel, stream.id, limit, change.value - limit)
            case _:
                return
        self._tell(event, journaled=False)

    def _recording_failed(self, reason: str) -> None:
        at_start = self._recorder.duration_ms == 0
        self._tell_recording("Recording Start Failure" if at_start else "Recording End Failure", reason)

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
