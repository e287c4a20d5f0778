"""HLS playlists (RFC 8216 and its second edition, low latency included)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .segments import Init, Segment
from .window import LiveWindow

PARTS_LISTED_FOR = 3
"""Parts older than three target durations must not be listed; newer ones help players that just joined."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a playlist says of one recorded segment."""

    name: str
    init_name: str
    duration_ms: int
    wall_time: float
    discontinuity: bool


def multivariant(init: Init, media: str, peak_bitrate: int, average_bitrate: int | None = None) -> str:
    """One variant, the stream as it came. Bitrates are bits per second."""
    video = init.video
    attributes = [f"BANDWIDTH={max(peak_bitrate, 100_000)}"]
    if average_bitrate:
        attributes.append(f"AVERAGE-BANDWIDTH={average_bitrate}")
    attributes += [f'CODECS="{init.codecs}"', f"RESOLUTION={video.width}x{video.height}"]
    if video.fps:
        attributes.append(f"FRAME-RATE={video.fps:.3f}")
    return _lines("#EXTM3U", "#EXT-X-VERSION:9", f"#EXT-X-STREAM-INF:{','.join(attributes)}", media)


def low_latency(window: LiveWindow, part_ms: int) -> str:
    """The live playlist with parts and the hint of the next one."""
    part = part_ms / 1000
    lines = [
        *_live_header(window, list(window.segments)),
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={3 * part:.3f},"
        f"HOLD-BACK={3 * window.target_duration:.3f}",
        f"#EXT-X-PART-INF:PART-TARGET={part:.3f}",
    ]
    newest = window.segments[-1]
    oldest_with_parts = (
        newest.start_ms + newest.duration_ms - PARTS_LISTED_FOR * window.target_duration * 1000
    )
    map_name = None
    for segment in window.segments:
        lines += _before_segment(segment, segment.init.name, map_name)
        map_name = segment.init.name
        if segment.has_parts and (segment.start_ms >= oldest_with_parts or not segment.complete):
            for index, item in enumerate(segment.parts):
                flag = ",INDEPENDENT=YES" if item.independent else ""
                lines.append(
                    f'#EXT-X-PART:DURATION={item.duration_ms / 1000:.3f},URI="{segment.part_name(index)}"{flag}'
                )
        if segment.complete:
            lines += [f"#EXTINF:{segment.duration_ms / 1000:.3f},", segment.name]
    if window.ended:
        lines.append("#EXT-X-ENDLIST")
    else:
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{window.hint}"')
    return _lines(*lines)


def plain(window: LiveWindow) -> str:
    """The same complete segments for players that know nothing of parts."""
    segments = [segment for segment in window.segments if segment.complete]
    lines = _live_header(window, segments)
    map_name = None
    for segment in segments:
        lines += _before_segment(segment, segment.init.name, map_name)
        lines += [f"#EXTINF:{segment.duration_ms / 1000:.3f},", segment.name]
        map_name = segment.init.name
    if window.ended:
        lines.append("#EXT-X-ENDLIST")
    return _lines(*lines)


def event_header(target_duration: int, first_msn: int = 0) -> str:
    """The beginning of a recording's playlist while the show goes on."""
    return _lines(
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{target_duration}",
        f"#EXT-X-MEDIA-SEQUENCE:{first_msn}",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
    )


def recorded_entry(segment: Recorded, previous: Recorded | None) -> str:
    """What a finished segment adds to a recording's playlist."""
    map_name = previous.init_name if previous else None
    return _lines(
        *_before_segment(segment, segment.init_name, map_name),
        f"#EXTINF:{segment.duration_ms / 1000:.3f},",
        segment.name,
    )


def video_on_demand(segments: Sequence[Recorded]) -> str:
    """The whole recording."""
    target = max((round(segment.duration_ms / 1000) for segment in segments), default=1)
    header = _lines(
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, target)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    )
    return header + entries(segments) + "#EXT-X-ENDLIST\n"


def entries(segments: Iterable[Recorded]) -> str:
    text, previous = [], None
    for segment in segments:
        text.append(recorded_entry(segment, previous))
        previous = segment
    return "".join(text)


def _live_header(window: LiveWindow, segments: Sequence[Segment]) -> list[str]:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        f"#EXT-X-TARGETDURATION:{window.target_duration}",
        f"#EXT-X-MEDIA-SEQUENCE:{segments[0].msn if segments else 0}",
    ]
    if window.discontinuity_sequence:
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{window.discontinuity_sequence}")
    if all(segment.independent for segment in segments):
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    return lines


def _before_segment(segment: Segment | Recorded, init_name: str, map_name: str | None) -> list[str]:
    lines = []
    if segment.discontinuity:
        lines.append("#EXT-X-DISCONTINUITY")
    if init_name != map_name:
        lines.append(f'#EXT-X-MAP:URI="{init_name}"')
    lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{iso_time(segment.wall_time)}")
    return lines


def iso_time(seconds: float) -> str:
    """Seconds since 1970 → 2026-01-01T00:00:00.000Z."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"
