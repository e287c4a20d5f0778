"""Eight seconds of encoded video that can be sent over and over, as an encoder would send them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from benchmarks.parts.site import FOLDER
from broadcasts.ingest import amf
from broadcasts.ingest.chunks import encode_message
from devtools.problem import Problem
from devtools.say import say

CHUNK_SIZE = 4096
"""What OBS sends in."""

AUDIO, VIDEO, DATA = 8, 9, 18
FPS, SAMPLE_RATE, AAC_FRAME = 30, 48_000, 1024
LENGTH_MS = 8_000
"""A whole number of keyframe distances, video frames and sound frames, so that it repeats without a seam."""

_VIDEO_FRAMES = LENGTH_MS * FPS // 1000
_AUDIO_FRAMES = LENGTH_MS * SAMPLE_RATE // AAC_FRAME // 1000
_HEADER = 12
_CONFIGURATION, _FRAME = 0, 1


@dataclass(frozen=True, slots=True)
class Tag:
    """A message ready to be sent but for its time: `head` before and `tail` after those three bytes."""

    time_ms: int
    is_video: bool
    head: bytes
    tail: bytes

    def at(self, time_ms: int) -> bytes:
        return self.head + time_ms.to_bytes(3) + self.tail


@dataclass(frozen=True)
class Film:
    """`opening` is sent once, then `tags`, in the order of their times, again and again."""

    opening: list[Tag]
    tags: list[Tag]
    bits_per_second: int


def load() -> Film:
    """The film, made once: 1080p30 H.264 with B-frames at 4 Mbit/s, a keyframe every 2 s, stereo AAC."""
    file = FOLDER / "film-1080p30-4mbit.flv"
    if not file.is_file():
        _encode(file)
    data = file.read_bytes()
    opening = [_tag(DATA, 0, amf.encode("@setDataFrame", "onMetaData", {"width": 1920.0, "height": 1080.0}))]
    video: list[Tag] = []
    audio: list[Tag] = []
    first_video_ms = None
    position = 13
    while position + 11 <= len(data):
        kind, size = data[position], int.from_bytes(data[position + 1 : position + 4])
        time_ms = int.from_bytes(data[position + 4 : position + 7])
        body = data[position + 11 : position + 11 + size]
        position += 11 + size + 4
        if kind in (AUDIO, VIDEO) and body[1] == _CONFIGURATION:
            opening.append(_tag(kind, 0, body))
        elif kind == VIDEO and body[1] == _FRAME:
            first_video_ms = time_ms if first_video_ms is None else first_video_ms
            video.append(_tag(VIDEO, time_ms - first_video_ms, body))
        elif kind == AUDIO:
            audio.append(_tag(AUDIO, len(audio) * AAC_FRAME * 1000 // SAMPLE_RATE, body))
    video, audio = video[:_VIDEO_FRAMES], audio[:_AUDIO_FRAMES]
    if len(video) < _VIDEO_FRAMES or len(audio) < _AUDIO_FRAMES:
        raise Problem(f"{file} is damaged: remove it, and it is made again.")
    tags = sorted((*video, *audio), key=lambda tag: tag.time_ms)
    size = sum(len(tag.tail) for tag in tags)
    return Film(opening, tags, size * 8000 // LENGTH_MS)


def _tag(kind: int, time_ms: int, body: bytes) -> Tag:
    stream = 6 if kind == VIDEO else 4
    message = encode_message(stream, kind, 1, body, chunk_size=CHUNK_SIZE)
    return Tag(time_ms, kind == VIDEO, message[:1], message[4:])


def _encode(file: Path) -> None:
    say("Encoding the film that is sent …")
    file.parent.mkdir(parents=True, exist_ok=True)
    half_done = file.with_suffix(".part")
    rate = ["-b:v", "3840k", "-minrate", "3840k", "-maxrate", "3840k", "-bufsize", "3840k"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-nostdin"]
    command += ["-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate={FPS},noise=alls=8:allf=t"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate={SAMPLE_RATE}", "-t", "8.2"]
    command += [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-bf",
        "2",
        "-g",
        str(2 * FPS),
        "-sc_threshold",
        "0",
    ]
    command += ["-pix_fmt", "yuv420p", "-nal-hrd", "cbr", *rate]
    command += ["-c:a", "aac", "-b:a", "160k", "-ac", "2", "-f", "flv", str(half_done)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except subprocess.CalledProcessError as error:
        raise Problem(f"ffmpeg could not make {file.name}: {error.stderr.decode()}") from error
    half_done.rename(file)
