"""Frames in, HLS parts and segments out.

A part is a slice of time of exactly `part_ms`, but for a segment's last one: so part durations follow the rules of
low-latency HLS whatever the frame rate does. A frame belongs to the slice in which its decode time lies. A slice is
closed by the first video frame behind it, which also tells how long the frame before lasted. While an encoder drops
video frames the sound fills slices alone; where neither track has anything, the timeline is closed up.
"""

import time
from typing import Protocol

from .codecs import AudioConfig, VideoConfig
from .config import Config
from .fmp4 import Sample, fragment
from .refusals import BITRATE_HIGH, NO_VIDEO, Refused
from .segments import Init, Part, Segment

DEFAULT_FRAME_MS = 33
AUDIO_TOLERANCE_MS = 50
"""Encoders round their clock and drift; sound is laid end to end until it is off by more than this."""

MAX_STRETCH_MS = 2_000
SILENCE_AFTER_MS = 1_000
SILENT_FRAMES = {
    ("mp4a.40.2", 1): bytes.fromhex("00c800802380"),
    ("mp4a.40.2", 2): bytes.fromhex("210049900219002380"),
}
"""A frame of AAC-LC that decodes to silence, by codec and channels."""

MAX_PENDING_BYTES = 8 << 20
MAX_PENDING_AUDIO_MS = 10_000
MAX_SEGMENT_BYTES = 16 << 20
MAX_CLOCK_DRIFT = 1.0


class Output(Protocol):
    """Where finished pieces go, in order."""

    def segment_begun(self, segment: Segment) -> None: ...
    def part_added(self, segment: Segment, part: Part) -> None: ...
    def segment_ended(self, segment: Segment) -> None: ...


class Packager:
    """One session's pieces over all of its encoder's connections.

    `configure`, then `video` and `audio` in order of arrival; `flush` when the connection ends. The next connection
    goes on at `end_ms`.
    """

    def __init__(self, output: Output, config: Config, *, epoch: str, last: Segment | None = None) -> None:
        self._output = output
        self._config = config
        self._epoch = epoch
        self._init = last.init if last else None
        self._discontinuity = False
        self._next_msn = last.msn + 1 if last else 0
        self._audio_end = last.audio_end if last else 0
        self.end_ms = last.start_ms + last.duration_ms if last else 0
        self._sequence = 0
        self._segment: Segment | None = None
        self._slice_start = self._slice_end = 0
        self._video: list[Sample] = []
        self._audio: list[Sample] = []
        self._pending_bytes = 0
        self._shift = 0
        self._frame_ms = DEFAULT_FRAME_MS
        self._last_dts = 0
        self._audio_placed = False
        self._silent_ms = 0
        self._wall_offset: float | None = None

    def configure(self, video: VideoConfig, audio: AudioConfig | None) -> None:
        """Set the codecs of the frames that follow; the first of them must be a keyframe."""
        self.flush()
        before, self._init = self._init, Init.of(video, audio)
        if before is not None and before.name == self._init.name:
            return
        self._discontinuity = before is not None
        if audio is not None:
            if before is not None and before.audio is not None:
                self._audio_end = -(-self._audio_end * audio.sample_rate // before.audio.sample_rate)
            else:
                self._audio_end = self._ticks(self.end_ms)

    def video(self, dts: int, offset: int, key: bool, data: memoryview) -> None:
        """Add a frame. `dts` is ms on the connection's own clock, `offset` ms from decoding to presentation.

        A connection begins with its first keyframe, which is put right behind what came before.
        """
        if self._segment is None:
            if not key:
                return
            self._shift = self.end_ms - dts
            dts = self.end_ms
            self._begin_segment(dts, key)
        else:
            dts = max(dts + self._shift, self._last_dts + 1)
            self._silent_ms += min(dts - self._last_dts, self._config.part_ms)
            cuts = self._cuts_before(dts, key)
            if cuts or dts >= self._slice_end:
                dts = self._close_slices(dts, cuts)
                if cuts:
                    self._end_segment()
                    self._begin_segment(dts, key)
            elif self._video:
                self._set_duration(dts)
        self._last_dts = dts
        self._video.append(Sample(dts, data, key, offset))
        self._hold(len(data))

    def audio(self, time_ms: int, data: memoryview) -> None:
        """Add a frame of sound; before the first video frame it is dropped."""
        config = self.init.audio
        if self._segment is None or config is None:
            return
        frame = config.frame_samples
        target = self._ticks(time_ms + self._shift)
        cursor = self._audio_end
        tolerance = self._ticks(AUDIO_TOLERANCE_MS)
        if target < cursor - tolerance:
            return
        duration = frame
        gap = target - cursor
        if gap > self._ticks(MAX_STRETCH_MS):
            cursor = target
        elif gap > tolerance or (gap > 0 and not self._audio_placed):
            if self._audio:
                self._audio[-1].duration += gap
                cursor += gap
            else:
                # What came before is published: the frame begins early rather than leave a hole that stops players.
                duration += gap
        self._audio_placed = True
        self._silent_ms = 0
        self._audio.append(Sample(cursor, data, duration=duration))
        self._audio_end = cursor + duration
        self._hold(len(data))
        if time_ms + self._shift - self._last_dts > MAX_PENDING_AUDIO_MS:
            raise Refused(NO_VIDEO, "The video stopped; only sound is coming.")

    def flush(self) -> None:
        """Publish what is pending and end the segment: the connection ends or the codecs change."""
        if self._segment is None:
            return
        end = self._close_slices(self._last_dts + self._frame_ms, cuts=True)
        self._end_segment()
        # Sound beyond the last picture is cut off, the next connection continues at the picture's end.
        if self._audio:
            self._audio_end = self._audio[0].dts
            self._audio.clear()
        self._pending_bytes = 0
        self._segment = None
        self.end_ms = end
        self._wall_offset = None

    @property
    def init(self) -> Init:
        if self._init is None:
            raise RuntimeError("frames before configure")
        return self._init

    @property
    def _open_segment(self) -> Segment:
        if self._segment is None:
            raise RuntimeError("no segment is open")
        return self._segment

    def _cuts_before(self, dts: int, key: bool) -> bool:
        segment = self._open_segment
        length = dts - segment.start_ms
        if key and length >= self._config.min_segment_ms:
            return True
        return length >= self._config.max_segment_ms or segment.size > MAX_SEGMENT_BYTES

    def _begin_segment(self, dts: int, independent: bool) -> None:
        if self._segment is None:
            self._audio_placed = False
            self._silent_ms = 0
        self._segment = Segment(
            msn=self._next_msn,
            epoch=self._epoch,
            init=self.init,
            start_ms=dts,
            wall_time=self._wall_time(dts),
            independent=independent,
            discontinuity=self._discontinuity,
        )
        self._next_msn += 1
        self._discontinuity = False
        self._slice_start, self._slice_end = dts, dts + self._config.part_ms
        self._output.segment_begun(self._segment)

    def _end_segment(self) -> None:
        segment = self._open_segment
        segment.complete = True
        segment.audio_end = self._audio[0].dts if self._audio else self._audio_end
        self._output.segment_ended(segment)

    def _wall_time(self, dts: int) -> float:
        """When the frame was received, smoothed: one offset for the whole connection unless the clocks drift."""
        now = time.time()
        if self._wall_offset is None or abs(self._wall_offset + dts / 1000 - now) > MAX_CLOCK_DRIFT:
            self._wall_offset = now - dts / 1000
        return self._wall_offset + dts / 1000

    def _close_slices(self, dts: int, cuts: bool) -> int:
        """Publish every slice that ends at or before `dts`, and with `cuts` the rest up to `dts`.

        Returns the frame's decode time, which is earlier than `dts` when nothing was there to fill the gap.
        """
        self._fill_silence(dts)
        while True:
            ends = list(range(self._slice_end, dts + 1, self._config.part_ms))
            if cuts and (not ends or ends[-1] < dts) and self._slice_start < dts:
                ends.append(dts)
            plan, empty_at = self._plan(ends)
            if empty_at is None:
                break
            dts -= self._close_gap(empty_at, dts)
        if self._video:
            self._set_duration(dts)
        for end, frames, sounds in plan:
            self._publish(end, frames, sounds)
        self._slice_end = self._slice_start + self._config.part_ms
        return dts

    def _plan(self, ends: list[int]) -> tuple[list[tuple[int, int, int]], int | None]:
        """How many frames of each track go into each slice, and where a slice would begin that has neither.

        The last frame may move to the slice after its own when that would be empty: it lasts into it anyway.
        """
        counts = []
        taken = 0
        for end in ends:
            limit = self._ticks(end)
            count = 0
            while taken + count < len(self._audio) and self._audio[taken + count].dts < limit:
                count += 1
            counts.append(count)
            taken += count
        plan: list[tuple[int, int, int]] = []
        frames, start = len(self._video), self._slice_start
        for index, end in enumerate(ends):
            sounds = counts[index]
            if not frames and not sounds:
                return plan, start
            next_is_empty = index + 1 < len(ends) and not counts[index + 1]
            keep = 1 if frames and next_is_empty and frames + sounds > 1 else 0
            plan.append((end, frames - keep, sounds))
            frames, start = keep, end
        return plan, None

    def _close_gap(self, start: int, stop: int) -> int:
        """Move what follows `start` (ms) forward to it, up to `stop` or the next sound. Returns by how much."""
        edge = self._ticks(start)
        following = next((sample.dts for sample in self._audio if sample.dts >= edge), None)
        audio = self.init.audio
        if following is not None and audio is not None:
            stop = min(stop, following * 1000 // audio.sample_rate)
        length = stop - start
        self._shift -= length
        cut = self._ticks(length)
        for sample in self._audio:
            if sample.dts >= edge:
                sample.dts -= cut
            elif sample.dts + sample.duration >= edge + cut:
                sample.duration -= cut
        if self._audio:
            self._audio_end = self._audio[-1].dts + self._audio[-1].duration
        return length

    def _fill_silence(self, dts: int) -> None:
        """Players stop where one track has a hole, so a picture that goes on without sound is given silence."""
        audio = self.init.audio
        if audio is None or self._silent_ms < SILENCE_AFTER_MS:
            return
        frame = SILENT_FRAMES.get((audio.codec, audio.channels))
        end = self._ticks(dts)
        if frame is None or end - self._audio_end > self._ticks(MAX_PENDING_AUDIO_MS):
            return
        while self._audio_end + audio.frame_samples <= end:
            self._audio.append(Sample(self._audio_end, frame, duration=audio.frame_samples))
            self._audio_end += audio.frame_samples

    def _set_duration(self, following: int) -> None:
        last = self._video[-1]
        last.duration = following - last.dts
        if last.duration <= self._config.part_ms:
            self._frame_ms = last.duration

    def _publish(self, end: int, frames: int, sounds: int) -> None:
        segment = self._open_segment
        video, self._video = self._video[:frames], self._video[frames:]
        audio, self._audio = self._audio[:sounds], self._audio[sounds:]
        self._sequence += 1
        part = Part(
            fragment(self._sequence, video, audio),
            end - self._slice_start,
            any(sample.key for sample in video),
        )
        self._slice_start = end
        self._pending_bytes = sum(len(sample.data) for sample in (*self._video, *self._audio))
        segment.add(part)
        self._output.part_added(segment, part)

    def _hold(self, size: int) -> None:
        self._pending_bytes += size
        if self._pending_bytes > MAX_PENDING_BYTES:
            raise Refused(BITRATE_HIGH, "The bitrate is far too high.")

    def _ticks(self, ms: int) -> int:
        audio = self.init.audio
        return ms * audio.sample_rate // 1000 if audio else 0
