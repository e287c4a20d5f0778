"""What the looking process tells, and the limits it looks with."""

from dataclasses import dataclass

MAX_PIXELS = 7680 * 4320
MIN_SIDE = 32
MAX_STREAMS = 24
"""Telephones write up to seven (picture, sound, depth, motion); hundreds are an attack on the demuxer."""

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv"
"""ffmpeg's names of the containers we open: none of them may name other files, as playlists may."""

VIDEO_CODECS = frozenset(
    "h264 hevc vp8 vp9 av1 mpeg4 mpeg2video mpeg1video prores dnxhd mjpeg h263 flv1 vc1 wmv3 msmpeg4v3".split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True)
class VideoFacts:
    """What is known of a video. Width and height are as displayed, after rotation and pixel aspect."""

    container: str
    """ffmpeg's names of it, comma-separated: "mov,mp4,m4a,3gp,3g2,mj2"."""
    codec: str
    pixel_format: str
    bit_depth: int
    is_hdr: bool
    is_interlaced: bool
    width: int
    height: int
    rotation: int
    """Degrees clockwise by which players turn the stored picture: 0, 90, 180 or 270."""
    fps: float
    """Of a variable rate: the usual one, from the median distance of frames."""
    is_variable_rate: bool
    duration_ms: int
    video_bitrate_bps: int
    keyframe_ms: int
    """The longest distance between keyframes in the first seconds; 0 when there is one only."""
    audio_codec: str
    """Of the first sound track, "" if there is none."""
    video_streams: int
    audio_streams: int
    other_streams: int

    @property
    def has_audio(self) -> bool:
        return bool(self.audio_codec)


class Refused(Exception):
    """The file is not one we take; the argument is a code of `media_pipeline.refusals`."""

    @property
    def code(self) -> str:
        return str(self.args[0])
