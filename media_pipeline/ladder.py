"""What is made of a video: renditions, pictures for choosing and for the seek bar. Pure; both transcoders follow it."""

import math
from fractions import Fraction

from media_pipeline.models import TranscodeAttempt
from media_pipeline.probing.facts import VideoFacts
from media_pipeline.transcoding.base import Rendition, TranscodeRequest

RUNGS = ((1080, 5_000_000), (720, 2_800_000), (480, 1_400_000), (360, 800_000))
"""Shorter side in pixels and the most bits a second, for up to 30 frames a second."""
LONGEST_SIDE = 4096
"""Widest picture that telephones' H.264 decoders take."""
MAX_FPS = 60
FAST_FPS = 31
FAST_SHARE = Fraction(3, 2)
"""How much more 60 frames take than 30: much less than twice, since they resemble each other."""

POSTERS = 5
STORYBOARD_PICTURES = 100
STORYBOARD_MIN_MS = 2000
LAST_PICTURE_MS = 500
"""Pictures are taken at least so long before the end: the picture may end a little before the sound."""

EARLY_MAX_BPS = 12_000_000
EARLY_MAX_SIDE = 1080
EARLY_MAX_KEYFRAME_MS = 10_000


def ladder(width: int, height: int, fps: float) -> tuple[Rendition, ...]:
    """Return the renditions of a picture as displayed, largest first; never larger than it, sides even."""
    short = min(width, height)
    rungs = [rung for rung in RUNGS if rung[0] <= short] or [(short, RUNGS[-1][1])]
    by_name: dict[str, Rendition] = {}
    for side, bitrate in rungs:
        scale = min(Fraction(side, short), Fraction(LONGEST_SIDE, max(width, height)), Fraction(1))
        sides = _even(width, scale), _even(height, scale)
        name = f"{min(sides)}p"
        limit = bitrate * FAST_SHARE if fps > FAST_FPS else bitrate
        by_name.setdefault(
            name, Rendition(name=name, width=sides[0], height=sides[1], max_bitrate_bps=int(limit))
        )
    return tuple(by_name.values())


def _even(side: int, scale: Fraction) -> int:
    """Scale a side to the nearest even number that is not above it."""
    return max(2, min(2 * round(side * scale / 2), side // 2 * 2))


def output_fps(fps: float) -> float:
    """Return the source's rate, halved while it is beyond what players take."""
    while fps > MAX_FPS:
        fps /= 2
    return fps


def poster_count(duration_ms: int) -> int:
    """Return how many candidates there are: one each fifth of the video from its beginning, fewer of a blink."""
    return max(1, min(POSTERS, duration_ms // LAST_PICTURE_MS))


def storyboard(duration_ms: int) -> tuple[int, int]:
    """Return how many pictures the seek bar has and the milliseconds between them: whole seconds, two at least."""
    interval = max(STORYBOARD_MIN_MS, math.ceil(duration_ms / STORYBOARD_PICTURES / 1000) * 1000)
    return max(0, duration_ms - LAST_PICTURE_MS) // interval + 1, interval


def playable_as_is(facts: VideoFacts) -> bool:
    """Say whether browsers play the very bits of the source once they are in HLS, so that it can begin at once."""
    return (
        (facts.codec, facts.pixel_format, facts.rotation) == ("h264", "yuv420p", 0)
        and not facts.is_interlaced
        and min(facts.width, facts.height) <= EARLY_MAX_SIDE
        and facts.video_bitrate_bps <= EARLY_MAX_BPS
        and facts.keyframe_ms <= EARLY_MAX_KEYFRAME_MS
        and facts.audio_codec in ("", "aac")
    )


def request_for(attempt: TranscodeAttempt) -> TranscodeRequest:
    """Return the job to make of an attempt; its asset has been probed."""
    asset, facts = attempt.asset, VideoFacts(**attempt.asset.source)
    pictures, interval = storyboard(facts.duration_ms)
    return TranscodeRequest(
        attempt=attempt.pk,
        asset_code=asset.code,
        owner_code=asset.owner.code,
        source_key=asset.source_key,
        duration_ms=facts.duration_ms,
        fps=output_fps(facts.fps),
        has_audio=facts.has_audio,
        rotation=facts.rotation,
        is_hdr=facts.is_hdr,
        playable_as_is=playable_as_is(facts),
        ladder=ladder(facts.width, facts.height, facts.fps),
        poster_count=poster_count(facts.duration_ms),
        storyboard_count=pictures,
        storyboard_interval_ms=interval,
        video_folder=video_folder(attempt),
        preview_folder=preview_folder(attempt),
    )


def video_folder(attempt: TranscodeAttempt) -> str:
    """Return where an attempt's playlists and segments lie in media storage."""
    return f"videos/{attempt.asset.code}/{attempt.pk}"


def preview_folder(attempt: TranscodeAttempt) -> str:
    """Return where an attempt's clip, posters and storyboard lie."""
    return f"previews/{attempt.asset.code}/{attempt.pk}"
