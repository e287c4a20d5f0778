"""Fragmented MP4: the init segment and fragments for one H.264 and at most one AAC track.

Only what HLS players need is written (ISO/IEC 14496-12 and -15). Samples are copied as they came.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .codecs import AudioConfig, VideoConfig

VIDEO_TRACK, AUDIO_TRACK = 1, 2
VIDEO_TIMESCALE = 1000
"""RTMP's clock: milliseconds go through unrounded."""

_KEY = 0x0200_0000
_NOT_KEY = 0x0101_0000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_U32 = struct.Struct(">I")


@dataclass(slots=True)
class Sample:
    """One frame. `dts`, `duration` and `offset` (presentation minus decode time) count track ticks."""

    dts: int
    data: bytes | bytearray | memoryview
    key: bool = True
    offset: int = 0
    duration: int = 0


def box(kind: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return _U32.pack(len(body) + 8) + kind + body


def full_box(kind: bytes, version: int, flags: int, *contents: bytes) -> bytes:
    return box(kind, _U32.pack(version << 24 | flags), *contents)


def init_segment(video: VideoConfig, audio: AudioConfig | None) -> bytes:
    """ftyp and moov. Holds no times, so equal configurations give equal bytes."""
    tracks = [_video_track(video)]
    extends = [_track_extends(VIDEO_TRACK)]
    if audio is not None:
        tracks.append(_audio_track(audio))
        extends.append(_track_extends(AUDIO_TRACK))
    header = full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">4I", 0, 0, VIDEO_TIMESCALE, 0),
        struct.pack(">IH10x", 0x10000, 0x0100),
        _MATRIX,
        bytes(24),
        _U32.pack(AUDIO_TRACK + 1),
    )
    return box(b"ftyp", b"iso6", _U32.pack(512), b"iso6cmfcmp41") + box(
        b"moov", header, *tracks, box(b"mvex", *extends)
    )


def fragment(sequence: int, video: Sequence[Sample], audio: Sequence[Sample]) -> bytes:
    """moof and mdat with these samples, video before audio. A track without samples is left out."""
    runs = []
    if video:
        runs.append((VIDEO_TRACK, video, _video_run(video)))
    if audio:
        runs.append((AUDIO_TRACK, audio, _audio_run(audio)))
    # Sizes do not depend on the values: a dry run with offset 0 tells where the data begins.
    moof_size = len(_moof(sequence, [(track, samples[0].dts, run, 0) for track, samples, run in runs]))
    offset = moof_size + 8
    placed = []
    for track, samples, run in runs:
        placed.append((track, samples[0].dts, run, offset))
        offset += sum(len(sample.data) for sample in samples)
    parts: list[bytes | bytearray | memoryview] = [
        _moof(sequence, placed),
        _U32.pack(offset - moof_size),
        b"mdat",
    ]
    for _, samples, _ in runs:
        parts += [sample.data for sample in samples]
    return b"".join(parts)


def _moof(sequence: int, runs: list[tuple[int, int, tuple[int, bytes], int]]) -> bytes:
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, _U32.pack(sequence & 0xFFFFFFFF)),
        *(
            box(
                b"traf",
                full_box(b"tfhd", 0, 0x020000, _U32.pack(track)),
                full_box(b"tfdt", 1, 0, struct.pack(">Q", dts)),
                _trun(run, offset),
            )
            for track, dts, run, offset in runs
        ),
    )


def _trun(run: tuple[int, bytes], data_offset: int) -> bytes:
    flags, samples = run
    count = len(samples) // (4 * (flags >> 8).bit_count())
    return full_box(b"trun", 1, flags | 0x1, struct.pack(">Ii", count, data_offset), samples)


def _video_run(samples: Sequence[Sample]) -> tuple[int, bytes]:
    values: list[int] = []
    for sample in samples:
        values += (sample.duration, len(sample.data), _KEY if sample.key else _NOT_KEY, sample.offset)
    return 0xF00, struct.pack(">" + "IIIi" * len(samples), *values)


def _audio_run(samples: Sequence[Sample]) -> tuple[int, bytes]:
    values: list[int] = []
    for sample in samples:
        values += (sample.duration, len(sample.data), _KEY)
    return 0x700, struct.pack(f">{len(values)}I", *values)


def _track_extends(track: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">5I", track, 1, 0, 0, 0))


def _video_track(video: VideoConfig) -> bytes:
    entry = box(
        b"avc1",
        struct.pack(">6xH16xHH", 1, video.width, video.height),
        struct.pack(">IIIH32xHh", 0x480000, 0x480000, 0, 1, 24, -1),
        box(b"avcC", video.record),
    )
    media_header = full_box(b"vmhd", 0, 1, bytes(8))
    return _track(VIDEO_TRACK, b"vide", VIDEO_TIMESCALE, media_header, entry, video.width, video.height)


def _audio_track(audio: AudioConfig) -> bytes:
    entry = box(
        b"mp4a",
        struct.pack(">6xH8xHHII", 1, min(audio.channels, 2), 16, 0, min(audio.sample_rate, 0xFFFF) << 16),
        _elementary_stream(audio.record),
    )
    return _track(AUDIO_TRACK, b"soun", audio.sample_rate, full_box(b"smhd", 0, 0, bytes(4)), entry, 0, 0)


def _elementary_stream(record: bytes) -> bytes:
    decoder = _descriptor(4, struct.pack(">BBHBII", 0x40, 0x15, 0, 0, 0, 0) + _descriptor(5, record))
    return full_box(
        b"esds", 0, 0, _descriptor(3, struct.pack(">HB", AUDIO_TRACK, 0) + decoder + b"\x06\x01\x02")
    )


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, 0x80 | len(body) >> 21, 0x80 | len(body) >> 14 & 127, 0x80 | len(body) >> 7 & 127)) + (
        bytes((len(body) & 127,)) + body
    )


def _track(
    track: int, handler: bytes, timescale: int, media_header: bytes, entry: bytes, width: int, height: int
) -> bytes:
    is_audio = handler == b"soun"
    header = full_box(
        b"tkhd",
        0,
        3,
        struct.pack(">5I8x", 0, 0, track, 0, 0),
        struct.pack(">HHHH", 0, 1 if is_audio else 0, 0x0100 if is_audio else 0, 0),
        _MATRIX,
        struct.pack(">II", width << 16, height << 16),
    )
    tables = box(
        b"stbl",
        full_box(b"stsd", 0, 0, _U32.pack(1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    reference = full_box(b"dref", 0, 0, _U32.pack(1), full_box(b"url ", 0, 1))
    media = box(
        b"mdia",
        full_box(b"mdhd", 0, 0, struct.pack(">4I", 0, 0, timescale, 0), struct.pack(">HH", 0x55C4, 0)),
        full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), b"\x00"),
        box(b"minf", media_header, box(b"dinf", reference), tables),
    )
    return box(b"trak", header, media)
