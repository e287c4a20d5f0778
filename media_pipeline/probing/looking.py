"""Looking into an open file with PyAV: header, first frame, first seconds, end. No Django, no limit of time.

Measured with real files: players' libraries open a film that is cut off half-way without a word, a picture that calls
itself a film too, and a frame of 16,000 by 16,000 pixels takes minutes. So containers are an allow-list, pixels are
counted before anything is decoded, and the end is read as well as the beginning.
"""

import statistics
from contextlib import suppress
from fractions import Fraction
from typing import IO

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media_pipeline.probing.facts import (
    CONTAINERS,
    MAX_PIXELS,
    MAX_STREAMS,
    MIN_SIDE,
    VIDEO_CODECS,
    Refused,
    VideoFacts,
)
from media_pipeline.probing.last_clusters import shortened
from media_pipeline.probing.range_reader import RangeReader, ReadTooMuch, SourceError

OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "none", "max_pixels": str(MAX_PIXELS)}
WEBM = "matroska,webm"
MEASURED_CONTAINERS = ("mpegts", "mpeg")
"""Without index: ffmpeg reads their length off the last packets, and jumps into them anywhere."""
FIRST_SECONDS = 12
FIRST_BYTES = LAST_BYTES = 48 * 1024 * 1024
PACKETS_BEFORE_A_FRAME = 200
END_TOLERANCE_S = 2.0
USUAL_RATES = [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)] + [
    Fraction(rate) for rate in (15, 24, 25, 30, 48, 50, 60)
]
HDR_TRANSFERS = (16, 18)
"""PQ and HLG, by ITU-T H.273."""


def look(file: IO[bytes] | RangeReader) -> VideoFacts:
    """Return what is in the file. Raises Refused, and the file's own errors while it is read."""
    beginning = file.read(16)
    file.seek(0)
    if not beginning:
        raise Refused("empty")
    try:
        with av.open(file, "r", options=OPTIONS, metadata_errors="replace") as container:
            return _look(container, file)
    except (SourceError, ReadTooMuch, MemoryError):
        raise
    except (FFmpegError, ValueError, StopIteration) as error:
        raise Refused("truncated" if _is_container(beginning) else "not_a_video") from error


def _is_container(beginning: bytes) -> bool:
    """Say whether a file that cannot be opened at least begins as films do: then it is damaged or cut off."""
    return (
        beginning[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free")
        or beginning.startswith((b"\x1aE\xdf\xa3", b"FLV\x01"))
        or (beginning.startswith(b"RIFF") and beginning[8:12] == b"AVI ")
    )


def _look(container: InputContainer, file: IO[bytes] | RangeReader) -> VideoFacts:
    if len(container.streams) > MAX_STREAMS:
        raise Refused("too_many_streams")
    pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    sounds = container.streams.audio
    if not pictures:
        raise Refused("sound_only" if sounds else "not_a_video")
    video = pictures[0]
    if video.codec_context is None or video.codec_context.name not in _DECODERS:
        raise Refused("unsupported_codec")
    if video.codec_context.width * video.codec_context.height > MAX_PIXELS:
        raise Refused("too_many_pixels")
    video.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    video.codec_context.thread_count = 1  # each thread's buffers would count against the memory limit
    frame = _first_frame(container, video)
    rotation = -frame.rotation % 360
    width, height = _display_size(frame, video, rotation)
    if min(width, height) < MIN_SIDE:
        raise Refused("too_small")
    container.seek(0)
    distances, keyframe_ms = _first_seconds(container, video)
    duration_s = _duration(container, video, file)
    fps, is_variable = _rate(video, distances)
    return VideoFacts(
        container=container.format.name,
        codec=_DECODERS[video.codec_context.name],
        pixel_format=frame.format.name,
        bit_depth=max(component.bits for component in frame.format.components),
        is_hdr=int(frame.color_trc) in HDR_TRANSFERS,
        is_interlaced=bool(frame.interlaced_frame),
        width=width,
        height=height,
        rotation=rotation,
        fps=fps,
        is_variable_rate=is_variable,
        duration_ms=round(duration_s * 1000),
        video_bitrate_bps=video.bit_rate or round(container.size * 8 / duration_s),
        keyframe_ms=keyframe_ms,
        audio_codec=sounds[0].codec_context.name if sounds and sounds[0].codec_context else "",
        video_streams=len(container.streams.video),
        audio_streams=len(sounds),
        other_streams=len(container.streams) - len(container.streams.video) - len(sounds),
    )


# A codec may have several decoders; PyAV names the decoder where the file would name the codec.
_DECODERS = {name: name for name in VIDEO_CODECS} | {
    "libdav1d": "av1",
    "libaom-av1": "av1",
    "libvpx-vp9": "vp9",
}


def _first_frame(container: InputContainer, video: VideoStream) -> VideoFrame:
    """Decode one picture: a file that has none is no film, whatever its header says."""
    for number, packet in enumerate(container.demux(video)):
        try:
            frames = packet.decode()
        except FFmpegError:
            frames = []  # the first packets of a cut stream may refer to what is not there
        if frames:
            return frames[0]
        if number > PACKETS_BEFORE_A_FRAME:
            break
    raise Refused("truncated")


def _display_size(frame: VideoFrame, video: VideoStream, rotation: int) -> tuple[int, int]:
    aspect = video.sample_aspect_ratio or Fraction(1)
    width, height = frame.width, frame.height
    if Fraction(1, 8) <= aspect <= 8:  # beyond that it is a broken header
        width = round(width * aspect)
    return (height, width) if rotation in (90, 270) else (width, height)


def _first_seconds(container: InputContainer, video: VideoStream) -> tuple[list[float], int]:
    """Return the distances of the first frames in seconds, and the longest between keyframes in milliseconds."""
    times: list[float] = []
    keys: list[float] = []
    read = 0
    for packet in container.demux(video):
        read += packet.size
        if packet.pts is not None:
            time = float(packet.pts * packet.time_base)
            times.append(time)
            if packet.is_keyframe:
                keys.append(time)
        if read > FIRST_BYTES or (times and times[-1] - times[0] > FIRST_SECONDS):
            break
    times.sort()
    distances = [after - before for before, after in zip(times, times[1:], strict=False) if after > before]
    # What came after the last keyframe is a distance too, at least as long as what was seen of it.
    ends = [*keys, times[-1]] if times else []
    longest = max((after - before for before, after in zip(ends, ends[1:], strict=False)), default=0)
    return distances, round(longest * 1000)


def _rate(video: VideoStream, distances: list[float]) -> tuple[float, bool]:
    """Return frames per second, and whether their distances vary by more than the container's rounding."""
    is_variable = bool(distances) and max(distances) > 1.5 * min(distances) + 0.002
    rate = video.average_rate or Fraction(0)
    if distances and (is_variable or not 1 <= rate <= 240):
        rate = Fraction(1 / statistics.median(distances)).limit_denominator(1001)
    if not Fraction(1, 10) <= rate <= 240:
        return 30.0, True
    usual = min(USUAL_RATES, key=lambda known: abs(known - rate))
    return float(usual if abs(usual - rate) < rate / 200 else rate), is_variable


def _duration(container: InputContainer, video: VideoStream, file: IO[bytes] | RangeReader) -> float:
    """Return the declared length in seconds, having read the end: a file that stops before it was cut off."""
    if not container.duration or container.duration < 0:
        return _measured_duration(container, file)
    declared = container.duration / av.time_base
    if container.format.name in MEASURED_CONTAINERS:
        return declared
    start = (container.start_time or 0) / av.time_base
    tolerance = max(END_TOLERANCE_S, declared * 0.02)
    near_the_end = max(0, round((start + declared - 1) * av.time_base))
    container.seek(near_the_end)
    if not _reaches(container, start + declared - tolerance):
        raise Refused("truncated")
    container.seek(near_the_end)
    _first_frame(container, video)
    return declared


def _reaches(container: InputContainer, end: float) -> bool:
    """Say whether the file holds a packet that ends so late, or more than LAST_BYTES of what comes before it."""
    read = 0
    for packet in container.demux():
        read += packet.size
        if read > LAST_BYTES or (_end(packet) or 0) >= end:
            return True
    return False


def _measured_duration(container: InputContainer, file: IO[bytes] | RangeReader) -> float:
    """Read the end: a recorder that streams does not know the length when it writes the header."""
    start = min(0.0, (container.start_time or 0) / av.time_base)
    if container.format.name == WEBM:
        position = file.tell()
        end = _last_end(file)
        file.seek(position)  # the container goes on where it was
        if end is not None and end > start:
            return end - start
    container.seek(0)
    ends = _ends(container)
    if not ends or max(ends) <= min(ends):
        raise Refused("truncated")
    return max(ends) - start


def _last_end(file: IO[bytes] | RangeReader) -> float | None:
    for view in shortened(file):
        with suppress(FFmpegError), av.open(view, "r", options=OPTIONS) as container:
            if ends := _ends(container):
                return max(ends)
    return None


def _ends(container: InputContainer) -> list[float]:
    return [end for packet in container.demux() if (end := _end(packet)) is not None]


def _end(packet: Packet) -> float | None:
    """When a packet ends, in seconds; None for one that is damaged or has no time."""
    if packet.pts is None or not packet.time_base or packet.is_corrupt:
        return None
    return float((packet.pts + (packet.duration or 0)) * packet.time_base)
