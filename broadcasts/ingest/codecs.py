"""What the codecs say about themselves: H.264's decoder configuration and AAC's AudioSpecificConfig."""

from dataclasses import dataclass

from .refusals import UNREADABLE_STREAM, UNSUPPORTED_AUDIO_CODEC, UNSUPPORTED_VIDEO_CODEC, Refused

_PLAYABLE_PROFILES = {66, 77, 88, 100}
_PROFILES_WITH_CHROMA = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 144, 244}
_SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_AAC_TYPES = {2, 5, 29}
_MAX_SIDE = 8192
_MAX_RECORD = 4096
"""Real ones have some 50 bytes; the bound keeps the bit reader's time small."""


@dataclass(frozen=True)
class VideoConfig:
    """`record` is the AVCDecoderConfigurationRecord as sent. `fps` is 0 when the stream does not tell."""

    record: bytes
    codec: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True)
class AudioConfig:
    """`record` is the AudioSpecificConfig as sent. A frame is `frame_samples` long at `sample_rate`."""

    record: bytes
    codec: str
    sample_rate: int
    channels: int
    frame_samples: int


def parse_video_config(record: bytes) -> VideoConfig:
    """Raises Refused for what browsers cannot play, and for damaged records."""
    try:
        if len(record) > _MAX_RECORD or record[0] != 1 or record[4] & 3 == 2 or record[5] & 31 == 0:
            raise IndexError
        length = int.from_bytes(record[6:8])
        sps = record[8 : 8 + length]
        if len(sps) < length or sps[0] & 31 != 7:
            raise IndexError
        width, height, fps = _parse_sps(sps)
        codec = f"avc1.{sps[1:4].hex()}"
        if len(sps) < 4 or not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
            raise IndexError
    except IndexError:
        raise Refused(UNREADABLE_STREAM, "The H.264 configuration cannot be read.") from None
    return VideoConfig(record, codec, width, height, fps)


def parse_audio_config(record: bytes) -> AudioConfig:
    """Raises Refused for anything but AAC-LC and HE-AAC, and for damaged records."""
    bits = _Bits(record[:_MAX_RECORD])
    try:
        kind = _audio_object_type(bits)
        rate = _sample_rate(bits)
        channels = bits.take(4)
        if kind in (5, 29):
            _sample_rate(bits)
            core = _audio_object_type(bits)
        else:
            core = kind
        short = bits.take(1)
    except IndexError:
        raise Refused(UNREADABLE_STREAM, "The AAC configuration cannot be read.") from None
    if kind not in _AAC_TYPES or core != 2:
        raise Refused(UNSUPPORTED_AUDIO_CODEC, "The sound must be AAC-LC (audio object type 2).")
    if not 7350 <= rate <= 96000 or not channels:
        raise Refused(UNREADABLE_STREAM, "The AAC configuration cannot be read.")
    return AudioConfig(
        record, f"mp4a.40.{kind}", rate, 8 if channels == 7 else channels, 960 if short else 1024
    )


def _audio_object_type(bits: "_Bits") -> int:
    kind = bits.take(5)
    return 32 + bits.take(6) if kind == 31 else kind


def _sample_rate(bits: "_Bits") -> int:
    index = bits.take(4)
    if index == 15:
        return bits.take(24)
    return _SAMPLE_RATES[index]


def _parse_sps(sps: bytes) -> tuple[int, int, float]:
    """Width, height, frames per second (0: unknown) of a sequence parameter set."""
    bits = _Bits(sps.replace(b"\x00\x00\x03", b"\x00\x00"))
    bits.take(8)
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    chroma, planes, depth = 1, 0, 0
    if profile in _PROFILES_WITH_CHROMA:
        chroma = bits.golomb()
        planes = bits.take(1) if chroma == 3 else 0
        depth = bits.golomb() + bits.golomb()
        bits.take(1)
        if bits.take(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    if profile not in _PLAYABLE_PROFILES or chroma != 1 or depth or planes:
        raise Refused(
            UNSUPPORTED_VIDEO_CODEC,
            "Browsers cannot play this kind of H.264; use the profile main or high with 8-bit NV12 or I420 colours.",
        )
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    width = (bits.golomb() + 1) * 16
    map_units = bits.golomb() + 1
    progressive = bits.take(1)
    height = map_units * 16 * (2 - progressive)
    if not progressive:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width -= (left + right) * 2
        height -= (top + bottom) * 2 * (2 - progressive)
    return width, height, _frame_rate(bits)


def _frame_rate(bits: "_Bits") -> float:
    """From the usability information at the end of an SPS; 0 when it is missing, cut or absurd."""
    try:
        if not bits.take(1):
            return 0.0
        if bits.take(1) and bits.take(8) == 255:
            bits.take(32)
        if bits.take(1):
            bits.take(1)
        if bits.take(1):
            bits.take(4)
            if bits.take(1):
                bits.take(24)
        if bits.take(1):
            bits.golomb()
            bits.golomb()
        if not bits.take(1):
            return 0.0
        units, scale = bits.take(32), bits.take(32)
    except IndexError:
        return 0.0
    fps = scale / (2 * units) if units else 0.0
    return fps if 1 <= fps <= 240 else 0.0


def _skip_scaling_list(bits: "_Bits", size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            signed = bits.golomb()
            delta = (signed + 1) // 2 if signed & 1 else -(signed // 2)
            following = (last + delta) & 255
        last = following or last


class _Bits:
    """Reads big-endian bits; past the end it raises IndexError."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise IndexError
        return (1 << zeros) - 1 + self.take(zeros)
