"""Is the stream good to watch? Measures what an encoder sends and tells when that changes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .config import Config

KEYFRAME_INTERVAL = "keyframe_interval"
"""Keyframes are too far apart: viewers wait long for their first picture and are far behind."""

BITRATE_HIGH = "bitrate_high"
"""More bits per second than the limit."""

STARVATION = "starvation"
"""Less video arrives than is played: the encoder's upload or computer is too slow."""

RECORDING_FAILED = "recording_failed"
"""The live stream goes on, but is not recorded any more."""

BITRATE_WINDOW = 5.0
PACE_WINDOW = 4.0
STARVING_BELOW, FINE_ABOVE = 0.75, 0.9
"""Media time per wall time."""

DROP_FACTOR = 3
"""So many times the bitrate limit is not an encoder's mistake any more; the connection is closed."""


@dataclass(frozen=True)
class Change:
    """A code that appeared or went away. `value` is the keyframe distance in ms or the bitrate in bits per second."""

    code: str
    kind: Literal["begins", "ends"]
    value: int = 0


class Health:
    """One connection's measurements. Times are the event loop's clock, in seconds."""

    def __init__(self, config: Config, now: float) -> None:
        self.codes: set[str] = set()
        self.keyframe_ms = 0
        self.bitrate = 0
        self.fps = 0.0
        self._config = config
        self._started = now
        self._bytes = 0
        self._frames = 0
        self._media_ms = 0
        self._last_dts: int | None = None
        self._last_key: int | None = None
        self._good_intervals = 0
        self._samples: deque[tuple[float, int, int, int]] = deque([(now, 0, 0, 0)])

    def received(self, size: int) -> None:
        self._bytes += size

    def video(self, dts: int, key: bool) -> None:
        """`dts` is ms on the connection's unwrapped clock."""
        self._frames += 1
        if self._last_dts is not None and dts > self._last_dts:
            self._media_ms += dts - self._last_dts
        self._last_dts = dts
        if not key:
            return
        if self._last_key is not None:
            self.keyframe_ms = dts - self._last_key
            long = self.keyframe_ms > self._config.max_keyframe_seconds * 1000
            self._good_intervals = 0 if long else self._good_intervals + 1
        self._last_key = dts

    def tick(self, now: float) -> Iterator[Change]:
        """What changed since the last tick; call about once a second."""
        self._samples.append((now, self._bytes, self._media_ms, self._frames))
        while len(self._samples) > 2 and self._samples[1][0] <= now - BITRATE_WINDOW:
            self._samples.popleft()
        yield from self._check_keyframes()
        if now - self._started < PACE_WINDOW:
            return
        yield from self._check_bitrate(now)
        yield from self._check_pace(now)

    @property
    def has_data(self) -> bool:
        return self._bytes > 0

    @property
    def is_flooding(self) -> bool:
        return self.bitrate > self._config.max_bitrate * DROP_FACTOR

    def _check_keyframes(self) -> Iterator[Change]:
        since = (
            self._last_dts - self._last_key
            if self._last_dts is not None and self._last_key is not None
            else 0
        )
        distance = max(self.keyframe_ms, since)
        if distance > self._config.max_keyframe_seconds * 1000 and (
            since > self.keyframe_ms or self._good_intervals == 0
        ):
            yield from self._begin(KEYFRAME_INTERVAL, distance)
        elif self._good_intervals >= 2:
            yield from self._end(KEYFRAME_INTERVAL, self.keyframe_ms)

    def _check_bitrate(self, now: float) -> Iterator[Change]:
        then, received, *_ = self._samples[0]
        self.bitrate = round((self._bytes - received) * 8 / max(0.5, now - then))
        if self.bitrate > self._config.max_bitrate:
            yield from self._begin(BITRATE_HIGH, self.bitrate)
        elif self.bitrate < self._config.max_bitrate * 0.95:
            yield from self._end(BITRATE_HIGH, self.bitrate)

    def _check_pace(self, now: float) -> Iterator[Change]:
        then, _, media, frames = self._samples[0]
        elapsed = max(0.5, now - then)
        self.fps = round((self._frames - frames) / elapsed, 2)
        pace = (self._media_ms - media) / 1000 / elapsed
        if pace < STARVING_BELOW:
            yield from self._begin(STARVATION)
        elif pace > FINE_ABOVE:
            yield from self._end(STARVATION)

    def _begin(self, code: str, value: int = 0) -> Iterator[Change]:
        if code not in self.codes:
            self.codes.add(code)
            yield Change(code, "begins", value)

    def _end(self, code: str, value: int = 0) -> Iterator[Change]:
        if code in self.codes:
            self.codes.discard(code)
            yield Change(code, "ends", value)
