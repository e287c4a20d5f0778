"""What the streaming provider's events mean for channels and broadcasts.

Shapes as in docs/events.md. Events may be doubled, late, missing or out of order: each handler records a fact and
concludes the state from all facts known, never from the order of arrival.
"""

from datetime import datetime

from broadcasts.models import Broadcast, Channel, Recording
from broadcasts.recordings import note_recording
from broadcasts.signal import lock_channel, note_health, note_stream
from media_pipeline.applying import Envelope, NotYet, event_time

HEALTH_EVENTS = {
    "Starvation Start": ("starvation", True),
    "Starvation End": ("starvation", False),
    "Keyframe Interval High": ("keyframe_interval", True),
    "Keyframe Interval Normal": ("keyframe_interval", False),
}
LIMIT_PROBLEMS = {"Ingest Bitrate": "bitrate_high", "Ingest Resolution": "resolution_high"}
# Limits of the whole account name no channel: told to the shows that feel it.
ACCOUNT_LIMITS = {
    "Concurrent Broadcasts": (
        "too_many_broadcasts",
        (Broadcast.Status.STARTING, Broadcast.Status.RECONNECTING),
    ),
    "Concurrent Viewers": ("too_many_viewers", Broadcast.ON_AIR),
}
SHOWS_TOLD = 500
# What IVS says of a session or takeover that it refused; for others "the stream failed" has to do.
CODE_PROBLEMS = {
    "MultitrackInputNotAllowed": "multitrack_refused",
    "InvalidMultitrackInputTrackCount": "multitrack_refused",
    "InvalidMultitrackInputVideoTrackMediaProperties": "multitrack_refused",
    "StreamTakeoverMediaMismatch": "takeover_failed",
    "StreamTakeoverInvalidPriority": "takeover_failed",
    "StreamTakeoverLimitBreached": "takeover_failed",
}
RECORDING_STATUSES = {
    "Recording Start": Recording.Status.RECORDING,
    "Recording End": Recording.Status.READY,
    "Recording End Failure": Recording.Status.FAILED,
}


def _channel(envelope: Envelope) -> Channel:
    ref = envelope["resources"][0]
    channel = lock_channel(ref)
    if channel is None:
        raise NotYet(f"no channel {ref}")
    return channel


def on_stream_state(envelope: Envelope) -> None:
    """ "IVS Stream State Change": a stream began, ended or could not begin."""
    detail, at, channel = envelope["detail"], event_time(envelope), _channel(envelope)
    match detail["event_name"]:
        case "Stream Start":
            note_stream(channel, detail["stream_id"], started_at=at)
        case "Stream End" | "Session Ended":
            note_stream(channel, detail["stream_id"], ended_at=at)
            if code := CODE_PROBLEMS.get(detail.get("code", "")):
                note_health(channel, code, on=True, at=at)
        case "Stream Failure":
            note_stream(channel, detail["stream_id"], ended_at=at)
            note_health(channel, _failure(detail), on=True, at=at)
        case "Stream Takeover Failure":
            note_health(channel, CODE_PROBLEMS.get(detail.get("code", ""), "takeover_failed"), on=True, at=at)
        case "Stream Takeover":
            pass  # the same channel goes on with another publisher; its own Start and End say the rest


def _failure(detail: dict[str, str]) -> str:
    """Return the problem's code: ours name it, IVS gives a sentence ("Transcode capacity exceeded. …")."""
    if "capacity" in detail.get("reason", "").lower():
        return "unavailable"
    return detail.get("code") or "stream_failed"


def on_stream_health(envelope: Envelope) -> None:
    """ "IVS Stream Health Change": the picture arrives too slowly, or with keyframes too far apart."""
    if news := HEALTH_EVENTS.get(envelope["detail"]["event_name"]):
        code, on = news
        note_health(_channel(envelope), code, on=on, at=event_time(envelope))


def on_limit_breach(envelope: Envelope) -> None:
    """ "IVS Limit Breach": some name no channel; staff find those in the inbox too."""
    name, at = envelope["detail"]["limit_name"], event_time(envelope)
    if not envelope["resources"]:
        _tell_shows(name, at)
    elif code := LIMIT_PROBLEMS.get(name):
        note_health(_channel(envelope), code, on=True, at=at)


def _tell_shows(limit_name: str, at: datetime) -> None:
    code, statuses = ACCOUNT_LIMITS.get(limit_name, ("", ()))
    shows = Channel.objects.filter(broadcasts__status__in=statuses).order_by("pk").distinct()
    for ref in shows.values_list("provider_ref", flat=True)[:SHOWS_TOLD]:
        if ref and (channel := lock_channel(ref)):
            note_health(channel, code, on=True, at=at)


def on_recording_state(envelope: Envelope) -> None:
    """ "IVS Recording State Change": carries `recording_status` instead of an event name."""
    detail, at, channel = envelope["detail"], event_time(envelope), _channel(envelope)
    if detail["recording_status"] == "Recording Start Failure":
        note_health(channel, "recording_failed", on=True, at=at)
        return
    status = RECORDING_STATUSES.get(detail["recording_status"])
    if status is None:
        return
    note_recording(
        channel,
        session_id=detail["recording_session_id"],
        status=status,
        at=at,
        bucket=detail["recording_s3_bucket_name"],
        storage_key=detail["recording_s3_key_prefix"],
        duration_ms=detail["recording_duration_ms"],
        stream_ids=detail.get("recording_session_stream_ids", [detail["stream_id"]]),  # a start names one
    )
    note_health(channel, "recording_failed", on=status == Recording.Status.FAILED, at=at)
