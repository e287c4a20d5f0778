"""Cutting: the pieces needed are fetched, and copied into one MP4 from the keyframe before the wanted moment.

Only where the encoder changed its settings in between is the picture encoded anew: one MP4 cannot hold both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import imageio_ffmpeg

from broadcasts.clips.playlist import Piece, best_variant, pieces_of
from common.errors import ProviderRefused
from media_pipeline.probing.probe import probe_video
from media_pipeline.transcoding.ffmpeg_process import run_ffmpeg

MASTER = "hls/master.m3u8"
PLAYLIST_BYTES = 8 << 20
MOST_BYTES = 512 << 20
"""Of all pieces: two minutes at eight times the bitrate that the ingest takes."""
POSTER_WIDTH = 1280
ENCODED_HEIGHT = 720

Read = Callable[[str, int], bytes]
"""Return a file of the recording by its name there; refuses one of more than so many bytes."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A clip in the working folder. Milliseconds; `start_ms` is where in the recording it really begins."""

    film: Path
    poster: Path
    start_ms: int
    duration_ms: int
    width: int
    height: int


def cut(read: Read, *, from_ms: int, to_ms: int, folder: Path) -> Cut:
    """Cut a recording from one position to another into `folder`.

    Raises ProviderError and ProviderRefused from reading and looking, FfmpegFailed from cutting.
    """
    playlist = best_variant(_text(read, MASTER), at=MASTER)
    every = pieces_of(_text(read, playlist), at=playlist)
    pieces = [piece for piece in every if piece.start_ms < to_ms and piece.end_ms > from_ms]
    if not pieces:
        raise ProviderRefused("the recording has nothing there")
    runs = [list(run) for _, run in groupby(pieces, key=lambda piece: piece.init)]
    sources = _fetch(read, runs, folder)
    start_ms = pieces[0].start_ms
    film = folder / "clip.mp4"
    if len(sources) == 1:
        _run(*_input(sources[0]), "-t", _seconds(to_ms - start_ms), *COPY, film)
    else:
        skipped = max(0, from_ms - start_ms)
        start_ms += skipped
        length = _seconds(to_ms - start_ms)
        _run(
            *_encoding([_whole(source) for source in sources]),
            "-ss",
            _seconds(skipped),
            "-t",
            length,
            *ENCODE,
            film,
        )
    poster = folder / "poster.jpg"
    scale = f"scale='min({POSTER_WIDTH},iw)':-2"
    _run(*_input(film), "-frames:v", "1", "-vf", scale, "-q:v", "4", poster)
    facts = probe_video(str(film))
    return Cut(
        film=film,
        poster=poster,
        start_ms=start_ms,
        duration_ms=facts.duration_ms,
        width=facts.width,
        height=facts.height,
    )


COPY = (
    *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-avoid_negative_ts", "make_zero"),
    *("-map_metadata", "-1", "-movflags", "+faststart"),
)
ENCODE = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"),
    *("-c:a", "aac", "-b:a", "128k", "-map_metadata", "-1", "-movflags", "+faststart"),
)


def _fetch(read: Read, runs: Sequence[Sequence[Piece]], folder: Path) -> list[Path]:
    """Write each run of pieces into a file of its own: what HLS is made of may simply be strung together."""
    sources, left = [], MOST_BYTES
    for number, run in enumerate(runs):
        source = folder / f"source-{number}"
        with source.open("wb") as file:
            for name in filter(None, [run[0].init, *(piece.name for piece in run)]):
                left -= file.write(read(name, left))
        sources.append(source)
    return sources


def _whole(source: Path) -> Path:
    """Return the same as an ordinary MP4, which says how long it is."""
    film = source.with_suffix(".mp4")
    _run(*_input(source), *COPY, film)
    return film


def _encoding(sources: Sequence[Path]) -> list[str | Path]:
    """Inputs and filters that make one film of the first source's shape of all sources, one after the other."""
    facts = [probe_video(str(source)) for source in sources]
    height = min(ENCODED_HEIGHT, facts[0].height) // 2 * 2
    width = round(height * facts[0].width / facts[0].height / 2) * 2
    fit = f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1"
    sound = all(fact.audio_codec for fact in facts)
    numbers = range(len(sources))
    chains = [f"[{number}:v:0]{fit},setsar=1,fps=30,format=yuv420p[p{number}]" for number in numbers]
    chains += [
        f"[{number}:a:0]aresample=48000,aformat=channel_layouts=stereo[s{number}]"
        for number in numbers
        if sound
    ]
    pads = "".join(f"[p{number}][s{number}]" if sound else f"[p{number}]" for number in numbers)
    chains.append(f"{pads}concat=n={len(sources)}:v=1:a={int(sound)}[v]{'[a]' if sound else ''}")
    inputs = [argument for source in sources for argument in _input(source)]
    maps = ("-map", "[v]", *(("-map", "[a]") if sound else ()))
    return [*inputs, "-filter_complex", ";".join(chains), *maps]


def _input(source: Path) -> tuple[str | Path, ...]:
    # What a recording holds is somebody else's: it may name no other file or address.
    return "-protocol_whitelist", "file", "-i", source


def _run(*arguments: str | Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", "-progress", "pipe:1"]
    run_ffmpeg([*command, "-threads", "1", *map(str, arguments)], on_progress=lambda _: None)


def _text(read: Read, name: str) -> str:
    return read(name, PLAYLIST_BYTES).decode(errors="replace")


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}"
