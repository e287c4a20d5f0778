"""What a session must remember to survive the death of the process: one JSON object per line, appended.

Journals of unfinished sessions lie together in one folder, so that a start reads these and no others.
"""

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .channel import Channel
from .codecs import parse_audio_config, parse_video_config
from .refusals import Refused
from .segments import Init, Segment

logger = logging.getLogger(__name__)

FOLDER = ".journals"


@dataclass(frozen=True, slots=True)
class SavedSegment:
    """A segment that is on disk. Times are ms on the session's timeline; `audio_end` counts audio ticks."""

    msn: int
    epoch: str
    init_name: str
    name: str
    start_ms: int
    duration_ms: int
    audio_end: int
    wall_time: float
    size: int
    independent: bool
    discontinuity: bool


@dataclass
class SavedSession:
    """A session as its journal tells it. `last_activity` is seconds since 1970."""

    channel: Channel
    session_id: str
    path: Path
    last_activity: float
    inits: dict[str, Init] = field(default_factory=dict)
    segments: list[SavedSegment] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    open_streams: list[str] = field(default_factory=list)
    owed_events: dict[str, dict[str, Any]] = field(default_factory=dict)
    recording_started: bool = False
    recording_failed: bool = False
    finished: bool = False

    @property
    def prefix(self) -> str:
        return f"{self.channel.playback_id}/{self.session_id}"


def path_of(recordings: Path, session_id: str) -> Path:
    return recordings / FOLDER / f"{session_id}.jsonl"


def session_entry(channel: Channel, session_id: str) -> dict[str, Any]:
    return {"session": {"channel": asdict(channel), "session_id": session_id}}


def init_entry(init: Init) -> dict[str, Any]:
    audio = init.audio.record.hex() if init.audio else None
    return {"init": {"video": init.video.record.hex(), "audio": audio}}


def saved_segment(segment: Segment) -> SavedSegment:
    return SavedSegment(
        msn=segment.msn,
        epoch=segment.epoch,
        init_name=segment.init.name,
        name=segment.name,
        start_ms=segment.start_ms,
        duration_ms=segment.duration_ms,
        audio_end=segment.audio_end,
        wall_time=segment.wall_time,
        size=segment.size,
        independent=segment.independent,
        discontinuity=segment.discontinuity,
    )


def segment_entry(segment: SavedSegment) -> dict[str, Any]:
    return {"segment": asdict(segment)}


def line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"


def unfinished(recordings: Path) -> list[SavedSession]:
    """The sessions that a former process left behind. Journals that say nothing are removed."""
    sessions = []
    for path in sorted((recordings / FOLDER).glob("*.jsonl")):
        session = _read(path)
        if session is None:
            logger.warning("The journal %s cannot be read and is put aside", path.name)
            path.rename(path.with_suffix(".unreadable"))
        else:
            sessions.append(session)
    return sessions


def _read(path: Path) -> SavedSession | None:
    session: SavedSession | None = None
    for raw in path.read_bytes().split(b"\n"):
        try:
            entry = json.loads(raw) if raw else {}
            if session is None:
                head = entry["session"]
                channel = Channel(**head["channel"])
                session = SavedSession(channel, head["session_id"], path, path.stat().st_mtime)
            else:
                _apply(session, entry)
        except (ValueError, KeyError, TypeError, Refused):
            # The last line is torn when the process died while writing it; what it said was not done yet.
            if session is None:
                return None
    return session


def _apply(session: SavedSession, entry: dict[str, Any]) -> None:
    match entry:
        case {"init": {"video": video, "audio": audio}}:
            init = Init.of(
                parse_video_config(bytes.fromhex(video)),
                parse_audio_config(bytes.fromhex(audio)) if audio else None,
            )
            session.inits[init.name] = init
        case {"segment": values}:
            segment = SavedSegment(**values)
            if segment.init_name in session.inits:
                session.segments.append(segment)
        case {"event": envelope}:
            session.owed_events[envelope["id"]] = envelope
            _apply_event(session, envelope["detail"])
        case {"delivered": event_id}:
            session.owed_events.pop(event_id, None)
        case {"finished": _}:
            session.finished = True


def _apply_event(session: SavedSession, detail: dict[str, Any]) -> None:
    stream_id = detail.get("stream_id", "")
    match detail:
        case {"event_name": "Stream Start"}:
            session.streams.append(stream_id)
            session.open_streams.append(stream_id)
        case {"event_name": "Stream End"} if stream_id in session.open_streams:
            session.open_streams.remove(stream_id)
        case {"recording_status": "Recording Start"}:
            session.recording_started = True
        case {"recording_status": "Recording Start Failure" | "Recording End Failure"}:
            session.recording_failed = True
