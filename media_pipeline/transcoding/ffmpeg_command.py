"""The argument lists for ffmpeg. Pure: the same request always gives the same list.

One process and one decode make everything; pictures for lists and for the seek bar are taken from the smallest
rendition's scaled frames, so that they cost next to nothing beside the ladder.
"""

from collections.abc import Iterator
from pathlib import Path

from media_pipeline.probing.facts import CONTAINERS
from media_pipeline.transcoding.base import Rendition, TranscodeRequest

SEGMENT_SECONDS = 4
KEYFRAME_SECONDS = 2
CLIP_SECONDS = 8
CLIP_LINES = 360
POSTER_WIDTH = 1280
STORYBOARD_WIDTH = 160
CLIP, POSTER, STORY = "hover.mp4", "poster.%07d.jpg", "story.%07d.jpg"
MASTER = "master.m3u8"

TONE_MAP = (
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,tonemap=hable:desat=0,"
    "zscale=transfer=bt709:matrix=bt709:range=limited"
)
"""HDR to ordinary brightness, as ffmpeg's documentation of `tonemap` shows it."""


def ladder_command(
    ffmpeg: str, source: Path, request: TranscodeRequest, video: Path, preview: Path
) -> list[str]:
    """Make the whole ladder in the folder `video` and its pictures and clip in `preview`; both exist."""
    return [
        *_input(ffmpeg, source),
        *("-filter_complex", _graph(request)),
        *_renditions(request),
        *_hls(request, [rendition.name for rendition in request.ladder], video),
        *_pictures(preview),
    ]


def remux_command(ffmpeg: str, source: Path, request: TranscodeRequest, video: Path) -> list[str]:
    """Put the source's own bits into HLS in the folder `video`: no picture is decoded, so it takes a moment."""
    sound = ["-map", "0:a:0"] if request.has_audio else []
    return [
        *_input(ffmpeg, source),
        *("-map", "0:V:0", *sound, "-c", "copy"),
        *_hls(request, ["source"], video),
    ]


def _input(ffmpeg: str, source: Path) -> list[str]:
    """Read this one file only: neither another container nor another address that a file may name."""
    return [
        *(ffmpeg, "-v", "error", "-nostdin", "-y", "-progress", "pipe:1", "-stats_period", "0.5"),
        *("-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-i", f"file:{source}"),
    ]


def _graph(request: TranscodeRequest) -> str:
    """One decode, one split: a scaled branch per rendition, and three cheap ones off the branches that suit them."""
    tops = request.ladder
    begin = f"[0:V:0]{_upright(request)}split={len(tops)}" + "".join(f"[in{n}]" for n in range(len(tops)))
    chains = [begin]
    for number, rendition in enumerate(tops):
        outs = [f"[v{number}]", *_side_branches(request, number)]
        split = f",split={len(outs)}" if len(outs) > 1 else ""
        size = f"scale={rendition.width}:{rendition.height}:flags=bicubic,setsar=1,format=yuv420p"
        chains.append(f"[in{number}]{size}{split}" + "".join(outs))
    return ";".join([*chains, *_picture_chains(request)])


def _upright(request: TranscodeRequest) -> str:
    """Frames at a constant rate from 0. ffmpeg itself has turned them as the file's metadata says."""
    rate = f"fps={request.fps:.6g}:start_time=0"
    return f"{rate},{TONE_MAP}," if request.is_hdr else f"{rate},"


def _side_branches(request: TranscodeRequest, number: int) -> list[str]:
    names = []
    if number == _poster_rung(request.ladder):
        names.append("[for_posters]")
    if number == len(request.ladder) - 1:
        names += ["[for_clip]", "[for_story]"]
    return names


def _poster_rung(ladder: tuple[Rendition, ...]) -> int:
    """The largest rendition that is no wider than a poster, else the smallest there is."""
    fitting = [n for n, rendition in enumerate(ladder) if rendition.width <= POSTER_WIDTH]
    return fitting[0] if fitting else len(ladder) - 1


def _picture_chains(request: TranscodeRequest) -> Iterator[str]:
    smallest, seconds = request.ladder[-1], request.duration_ms / 1000
    clip_height = min(smallest.height, CLIP_LINES)
    clip = f"trim=end={CLIP_SECONDS},scale=-2:{clip_height}:flags=bicubic,setsar=1"
    yield f"[for_clip]{clip}[clip]"
    posters = _every(seconds / request.poster_count, request.poster_count)
    yield f"[for_posters]{posters},scale='min({POSTER_WIDTH},iw)':-2,{_FULL_RANGE}[posters]"
    story = _every(request.storyboard_interval_ms / 1000, request.storyboard_count)
    yield f"[for_story]{story},scale={STORYBOARD_WIDTH}:-2,{_FULL_RANGE}[story]"


_FULL_RANGE = "scale=out_range=full,format=yuv420p"
"""What JPEG expects of its values."""


def _every(seconds: float, count: int) -> str:
    """Let `count` frames through, one each so many seconds from 0: all else is dropped before it costs anything."""
    return f"select='gte(t,selected_n*{seconds:.6f})*lt(selected_n,{count})'"


def _renditions(request: TranscodeRequest) -> Iterator[str]:
    for number, rendition in enumerate(request.ladder):
        yield from ("-map", f"[v{number}]")
        yield from (f"-maxrate:v:{number}", str(rendition.max_bitrate_bps))
        yield from (f"-bufsize:v:{number}", str(rendition.max_bitrate_bps * 3 // 2))
    if request.has_audio:
        yield from ("-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000")
        yield from ("-af", "aresample=async=1:first_pts=0")  # sound that starts late stays in step
    yield from ("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "23")
    # Forced at the same instants everywhere, so that a player may change rendition at every segment.
    yield from ("-force_key_frames", f"expr:gte(t,n_forced*{KEYFRAME_SECONDS})", "-forced-idr", "1")
    yield from ("-sc_threshold", "0", "-g", str(round(request.fps * KEYFRAME_SECONDS * 2) or 1))


def _hls(request: TranscodeRequest, names: list[str], folder: Path) -> Iterator[str]:
    group = "agroup:sound," if request.has_audio else ""
    streams = [f"v:{number},{group}name:{name}" for number, name in enumerate(names)]
    if request.has_audio:
        streams.append("a:0,agroup:sound,default:yes,name:sound")
    yield from ("-map_metadata", "-1", "-map_chapters", "-1")  # where it was filmed is nobody's business
    yield from ("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod")
    yield from ("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments", "-master_pl_name", MASTER)
    yield from ("-var_stream_map", " ".join(streams), "-hls_segment_filename", f"{folder}/%v/s%05d.m4s")
    yield f"{folder}/%v/index.m3u8"


def _pictures(folder: Path) -> Iterator[str]:
    yield from ("-map", "[clip]", "-c:v", "libx264", "-preset", "superfast", "-crf", "27", "-an", "-sn")
    yield from ("-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", f"{folder}/{CLIP}")
    for branch, name in (("posters", POSTER), ("story", STORY)):
        yield from ("-map", f"[{branch}]", "-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "4")
        yield from ("-color_range", "pc", "-map_metadata", "-1", "-f", "image2", "-start_number", "0")
        yield f"{folder}/{name}"
