"""Writes a session to disk while it is live: the replay is complete the moment the show ends.

    <recordings>/<playback_id>/<session_id>/media/hls/{master,media}.m3u8, init-*.mp4, *.m4s
    <recordings>/<playback_id>/<session_id>/media/thumbnails/thumb0.jpg

Disk work is done in a small thread pool, in order per session, behind a bounded queue. A disk that fails or is too
slow ends the recording, never the live stream.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from . import journal, playlist
from .channel import Channel
from .journal import SavedSegment, SavedSession
from .playlist import Recorded
from .segments import Init, Segment

logger = logging.getLogger(__name__)

MAX_QUEUED_BYTES = 48 << 20
EVENT_TARGET_DURATION = 12
"""While a show goes on its longest segment is not known, only its bound (`Config.max_segment_ms`)."""

POSTER_AFTER_MS = 5_000


class Recorder:
    """One session's recording. `on_failure` is called once, with the reason, when it cannot go on."""

    def __init__(
        self,
        recordings: Path,
        channel: Channel,
        session_id: str,
        executor: Executor,
        on_failure: Callable[[str], None],
    ) -> None:
        self.prefix = f"{channel.playback_id}/{session_id}"
        self.failed = False
        self.duration_ms = 0
        self._folder = recordings / self.prefix / "media"
        self._hls = self._folder / "hls"
        self._journal = journal.path_of(recordings, session_id)
        self._head = journal.session_entry(channel, session_id)
        self._executor = executor
        self._on_failure = on_failure
        self._segments: list[Recorded] = []
        self._inits: dict[str, Init] = {}
        self._peak_bitrate = self._bytes = 0
        self._jobs: asyncio.Queue[tuple[Callable[[], None], int]] = asyncio.Queue()
        self._queued_bytes = 0
        self._worker = asyncio.get_running_loop().create_task(self._work())

    def start(self) -> None:
        """A new session. Its journal comes first: what happens later can then be recovered."""
        self._put(self._create)

    def resume(self, saved: SavedSession) -> None:
        """Go on with a session that a former process left behind."""
        self.failed = saved.recording_failed
        for segment in saved.segments:
            self._remember(segment)
        self._inits = dict(saved.inits)
        self._put(self._rewrite_media_playlist)

    def note(self, entry: dict[str, Any]) -> None:
        """Append to the journal. A full disk loses the note, not the show."""
        data = journal.line(entry)
        self._put(lambda: _append(self._journal, data), len(data), may_fail=True)

    def add(self, segment: Segment) -> None:
        """Record a finished segment."""
        self._put(lambda: self._write_segment(segment), segment.size)

    def add_poster(self, picture: bytes) -> None:
        """Record the JPEG that stands for the replay."""
        thumbnails = self._folder / "thumbnails"
        self._put(lambda: _replace(thumbnails / "thumb0.jpg", picture), len(picture), may_fail=True)

    async def finish(self) -> None:
        """Write the final playlists; when this returns the replay plays. Nothing may be added after it."""
        self._put(self._write_final, may_fail=self.failed)
        self.note({"finished": True})
        await self._jobs.join()

    async def forget(self) -> None:
        """Nothing is owed any more: remove the journal."""
        self._put(lambda: self._journal.unlink(missing_ok=True), may_fail=True)
        await self.close()

    async def close(self) -> None:
        """Write what is queued, then stop. The journal stays, so that the session can be resumed."""
        await self._jobs.join()
        self._worker.cancel()

    # Queue

    def _put(self, job: Callable[[], None], size: int = 0, *, may_fail: bool = False) -> None:
        if self.failed and not may_fail:
            return
        if self._queued_bytes + size > MAX_QUEUED_BYTES:
            self._fail("The disk is too slow.")
            return
        self._queued_bytes += size
        self._jobs.put_nowait((self._tolerant(job) if may_fail else job, size))

    def _tolerant(self, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                job()
            except OSError as error:
                logger.error("Session %s: %s", self.prefix, error)

        return run

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            job, size = await self._jobs.get()
            try:
                await loop.run_in_executor(self._executor, job)
            except OSError as error:
                self._fail(error.strerror or str(error))
            except Exception:
                logger.exception("Recording of session %s failed", self.prefix)
                self._fail("Unexpected error.")
            finally:
                self._queued_bytes -= size
                self._jobs.task_done()

    def _fail(self, reason: str) -> None:
        if self.failed:
            return
        self.failed = True
        logger.error("Recording of session %s failed: %s", self.prefix, reason)
        self._on_failure(reason)

    # Disk, in a thread

    def _create(self) -> None:
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        _append(self._journal, journal.line(self._head))
        self._hls.mkdir(parents=True, exist_ok=True)
        (self._folder / "thumbnails").mkdir(exist_ok=True)
        _replace(self._hls / "media.m3u8", playlist.event_header(EVENT_TARGET_DURATION).encode())

    def _write_segment(self, segment: Segment) -> None:
        init = segment.init
        if init.name not in self._inits:
            _replace(self._hls / init.name, init.data)
            _append(self._journal, journal.line(journal.init_entry(init)))
            self._inits[init.name] = init
        with (self._hls / segment.name).open("wb") as file:
            file.writelines(part.data for part in segment.parts)
        # Only what is wholly on disk is journaled, and only what is journaled is listed.
        saved = journal.saved_segment(segment)
        _append(self._journal, journal.line(journal.segment_entry(saved)))
        previous = self._segments[-1] if self._segments else None
        self._remember(saved)
        _append(self._hls / "media.m3u8", playlist.recorded_entry(self._segments[-1], previous).encode())
        if previous is None or previous.init_name != init.name:
            _replace(self._hls / "master.m3u8", self._master_playlist().encode())

    def _rewrite_media_playlist(self) -> None:
        text = playlist.event_header(EVENT_TARGET_DURATION) + playlist.entries(self._segments)
        _replace(self._hls / "media.m3u8", text.encode())

    def _write_final(self) -> None:
        if self._segments:
            _replace(self._hls / "media.m3u8", playlist.video_on_demand(self._segments).encode())
            _replace(self._hls / "master.m3u8", self._master_playlist().encode())

    def _remember(self, segment: SavedSegment) -> None:
        self._segments.append(
            Recorded(
                segment.name, segment.init_name, segment.duration_ms, segment.wall_time, segment.discontinuity
            )
        )
        self.duration_ms += segment.duration_ms
        self._bytes += segment.size
        self._peak_bitrate = max(self._peak_bitrate, segment.size * 8000 // max(1, segment.duration_ms))

    def _master_playlist(self) -> str:
        average = self._bytes * 8000 // max(1, self.duration_ms)
        init = self._inits[self._segments[-1].init_name]
        return playlist.multivariant(init, "media.m3u8", self._peak_bitrate, average)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(data)


def _replace(path: Path, data: bytes) -> None:
    """Readers see the old file or the new one, never half of it."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    os.replace(temporary, path)
