"""Fills a live window from a recording on disk, so that players go on after a restart of the server."""

import logging
from pathlib import Path

from .journal import SavedSegment, SavedSession
from .segments import Part, Segment
from .window import LiveWindow

logger = logging.getLogger(__name__)

REFILLED_SEGMENTS = 8


def refill(window: LiveWindow, saved: SavedSession, recordings: Path) -> Segment | None:
    """Put the last segments back; returns the last one, where the timeline goes on."""
    folder = recordings / saved.prefix / "media" / "hls"
    old, recent = saved.segments[:-REFILLED_SEGMENTS], saved.segments[-REFILLED_SEGMENTS:]
    window.discontinuity_sequence = sum(item.discontinuity for item in old)
    segment = None
    for item in recent:
        segment = _segment(item, saved)
        window.segment_begun(segment)
        try:
            data = (folder / item.name).read_bytes()
        except OSError as error:
            logger.error("Segment %s cannot be read: %s", item.name, error)
            data = b""
        part = Part(data, item.duration_ms, item.independent)
        segment.add(part)
        window.part_added(segment, part)
        segment.complete = True
        window.segment_ended(segment)
    return segment


def has_poster(recordings: Path, saved: SavedSession) -> bool:
    return (recordings / saved.prefix / "media" / "thumbnails" / "thumb0.jpg").exists()


def _segment(item: SavedSegment, saved: SavedSession) -> Segment:
    return Segment(
        msn=item.msn,
        epoch=item.epoch,
        init=saved.inits[item.init_name],
        start_ms=item.start_ms,
        wall_time=item.wall_time,
        independent=item.independent,
        discontinuity=item.discontinuity,
        has_parts=False,
        audio_end=item.audio_end,
    )
