"""A MediaConvert job that makes what the built-in transcoder makes, under the same names. Pure.

Two things differ, since MediaConvert cannot do them: the clip is as long as the film (input clipping would cut every
output), and nothing plays before the ladder is done. Features are those of the basic price tier; source: the service's
API reference, by which the tests check every value.
"""

from fractions import Fraction
from typing import Any

from media_pipeline.transcoding.base import Rendition, TranscodeRequest
from media_pipeline.transcoding.ffmpeg_command import (
    CLIP_LINES,
    KEYFRAME_SECONDS,
    POSTER_WIDTH,
    SEGMENT_SECONDS,
    STORYBOARD_WIDTH,
)

Settings = dict[str, Any]

QUALITY = 7
CLIP_QUALITY, CLIP_MAX_BPS = 6, 500_000
JPEG_QUALITY = 80
MIN_SIDE = 32
SOUND = "Audio Selector 1"


def job_settings(request: TranscodeRequest, *, source: str, bucket: str) -> Settings:
    """Return CreateJob's `Settings`: `source` is the upload's s3:// address, `bucket` where the outputs go."""
    video, preview = (f"s3://{bucket}/{folder}" for folder in (request.video_folder, request.preview_folder))
    return {
        "TimecodeConfig": {"Source": "ZEROBASED"},
        "Inputs": [_input(request, source)],
        "OutputGroups": [
            _cmaf_group(request, f"{video}/master"),
            _file_group("hover", f"{preview}/hover", _clip(request)),
            _file_group("posters", f"{preview}/poster", _posters(request)),
            _file_group("storyboard", f"{preview}/story", _storyboard(request)),
        ],
    }


def _input(request: TranscodeRequest, source: str) -> Settings:
    selectors = {"AudioSelectors": {SOUND: {"DefaultSelection": "DEFAULT"}}} if request.has_audio else {}
    return {
        "FileInput": source,
        "TimecodeSource": "ZEROBASED",
        "VideoSelector": {"Rotate": "AUTO", "ColorSpace": "FOLLOW"},
        **selectors,
    }


def _cmaf_group(request: TranscodeRequest, destination: str) -> Settings:
    group = {
        "Destination": destination,
        "SegmentControl": "SEGMENTED_FILES",
        "SegmentLength": SEGMENT_SECONDS,
        "SegmentLengthControl": "GOP_MULTIPLE",
        "FragmentLength": KEYFRAME_SECONDS,
        "WriteHlsManifest": "ENABLED",
        "WriteDashManifest": "DISABLED",
        "ManifestDurationFormat": "FLOATING_POINT",
        "CodecSpecification": "RFC_6381",
        "StreamInfResolution": "INCLUDE",
    }
    outputs = [_rendition(request, rendition) for rendition in request.ladder]
    return {
        "Name": "hls",
        "OutputGroupSettings": {"Type": "CMAF_GROUP_SETTINGS", "CmafGroupSettings": group},
        "Outputs": [*outputs, _sound()] if request.has_audio else outputs,
    }


def _rendition(request: TranscodeRequest, rendition: Rendition) -> Settings:
    return {
        "NameModifier": f"_{rendition.name}",
        "ContainerSettings": {"Container": "CMFC"},
        "VideoDescription": _h264(
            request,
            (rendition.width, rendition.height),
            quality=QUALITY,
            max_bitrate_bps=rendition.max_bitrate_bps,
        ),
    }


def _h264(
    request: TranscodeRequest, size: tuple[int, int], *, quality: int, max_bitrate_bps: int
) -> Settings:
    rate = Fraction(request.fps).limit_denominator(1001)
    codec = {
        "RateControlMode": "QVBR",
        "QvbrSettings": {"QvbrQualityLevel": quality},
        "MaxBitrate": max_bitrate_bps,
        "QualityTuningLevel": "SINGLE_PASS_HQ",
        "CodecProfile": "HIGH",
        "InterlaceMode": "PROGRESSIVE",
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": rate.numerator,
        "FramerateDenominator": rate.denominator,
        "FramerateConversionAlgorithm": "DUPLICATE_DROP",
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
        # Keyframes at the same instants in every rendition, none between.
        "GopSize": KEYFRAME_SECONDS,
        "GopSizeUnits": "SECONDS",
        "GopClosedCadence": 1,
        "SceneChangeDetect": "DISABLED",
    }
    return _picture(request, size) | {"CodecSettings": {"Codec": "H_264", "H264Settings": codec}}


def _picture(request: TranscodeRequest, size: tuple[int, int]) -> Settings:
    to_sdr = {"VideoPreprocessors": {"ColorCorrector": {"ColorSpaceConversion": "FORCE_709"}}}
    # The sides have the source's proportions already, but for the even number: no bars for a missing pixel.
    return {"Width": size[0], "Height": size[1], "ScalingBehavior": "STRETCH_TO_OUTPUT"} | (
        to_sdr if request.is_hdr else {}
    )


def _sound() -> Settings:
    aac = {
        "Bitrate": 128_000,
        "SampleRate": 48_000,
        "CodingMode": "CODING_MODE_2_0",
        "CodecProfile": "LC",
        "RateControlMode": "CBR",
    }
    track = {
        "AudioGroupId": "sound",
        "AudioRenditionSets": "sound",
        "AudioTrackType": "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT",
    }
    return {
        "NameModifier": "_sound",
        "ContainerSettings": {"Container": "CMFC", "CmfcSettings": track},
        "AudioDescriptions": [
            {"AudioSourceName": SOUND, "CodecSettings": {"Codec": "AAC", "AacSettings": aac}}
        ],
    }


def _file_group(name: str, destination: str, output: Settings) -> Settings:
    """A single output needs no modifier: its files are named by the destination alone."""
    settings = {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": destination}}
    return {"Name": name, "OutputGroupSettings": settings, "Outputs": [output]}


def _clip(request: TranscodeRequest) -> Settings:
    smallest = request.ladder[-1]
    size = _within(smallest, height=CLIP_LINES)
    return {
        "ContainerSettings": {"Container": "MP4", "Mp4Settings": {"MoovPlacement": "PROGRESSIVE_DOWNLOAD"}},
        "VideoDescription": _h264(request, size, quality=CLIP_QUALITY, max_bitrate_bps=CLIP_MAX_BPS),
    }


def _posters(request: TranscodeRequest) -> Settings:
    between = Fraction(request.duration_ms, 1000 * request.poster_count)
    size = _within(request.ladder[0], width=POSTER_WIDTH)
    return _captures(request, size, between, request.poster_count)


def _storyboard(request: TranscodeRequest) -> Settings:
    size = _within(request.ladder[-1], width=STORYBOARD_WIDTH)
    return _captures(request, size, Fraction(request.storyboard_interval_ms, 1000), request.storyboard_count)


def _captures(request: TranscodeRequest, size: tuple[int, int], between: Fraction, count: int) -> Settings:
    """One picture each `between` seconds from 0."""
    capture = {
        "FramerateNumerator": between.denominator,
        "FramerateDenominator": between.numerator,
        "MaxCaptures": count,
        "Quality": JPEG_QUALITY,
    }
    codec = {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": capture}
    return {
        "ContainerSettings": {"Container": "RAW"},
        "VideoDescription": _picture(request, size) | {"CodecSettings": codec},
    }


def _within(rendition: Rendition, *, width: int = 8192, height: int = 8192) -> tuple[int, int]:
    """Return the rendition's size scaled down into a box, sides even and as large as the service wants them."""
    scale = min(1.0, width / rendition.width, height / rendition.height)
    sides = (max(MIN_SIDE, 2 * round(side * scale / 2)) for side in (rendition.width, rendition.height))
    return next(sides), next(sides)
