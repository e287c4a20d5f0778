"""Does what a MediaConvert job's settings ask for, with ffmpeg, so that a browser can play what the fake "made".

Reads only what the settings say and names files as MediaConvert documents: a destination's last piece, then the
output's name modifier; frame captures end in `.0000000.jpg`.
"""

import mimetypes
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import imageio_ffmpeg

Settings = Mapping[str, Any]


def render(s3: Any, settings: Settings) -> list[dict[str, Any]]:
    """Make every output in its bucket and return the finished event's `outputGroupDetails`.

    Raises subprocess.CalledProcessError for an input that ffmpeg cannot read.
    """
    (source,) = settings["Inputs"]
    with tempfile.TemporaryDirectory(prefix="livecommerce-mediaconvert-") as folder:
        work = Path(folder)
        bucket, key = _split(source["FileInput"])
        film = work / "source"
        s3.download_file(bucket, key, str(film))
        details = []
        for number, group in enumerate(settings["OutputGroups"]):
            made = work / str(number)
            made.mkdir()
            details.append(_render_group(film, made, group))
            bucket, prefix = _split(_destination(group))
            for file in made.iterdir():
                kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                target = f"{prefix.rpartition('/')[0]}/{file.name}"
                s3.upload_file(str(file), bucket, target, ExtraArgs={"ContentType": kind})
    return details


def _destination(group: Settings) -> str:
    kind = group["OutputGroupSettings"]["Type"]
    name = {"CMAF_GROUP_SETTINGS": "CmafGroupSettings", "FILE_GROUP_SETTINGS": "FileGroupSettings"}[kind]
    return str(group["OutputGroupSettings"][name]["Destination"])


def _render_group(film: Path, folder: Path, group: Settings) -> dict[str, Any]:
    destination = _destination(group)
    base = destination.rpartition("/")[2]
    assert base, "a destination names its files"
    if group["OutputGroupSettings"]["Type"] == "CMAF_GROUP_SETTINGS":
        _cmaf(film, folder, base, group["Outputs"])
        return {"type": "CMAF_GROUP", "playlistFilePaths": [f"{destination}.m3u8"], "outputDetails": []}
    for output in group["Outputs"]:
        _file(film, folder, base + output.get("NameModifier", ""), output)
    return {"type": "FILE_GROUP", "outputDetails": []}


def _cmaf(film: Path, folder: Path, base: str, outputs: list[Settings]) -> None:
    pictures = [output for output in outputs if "VideoDescription" in output]
    sounds = [output for output in outputs if "AudioDescriptions" in output]
    assert pictures
    assert all("NameModifier" in output for output in outputs), "several outputs in a group need modifiers"
    assert not set(map(id, pictures)) & set(map(id, sounds)), (
        "CMAF outputs carry picture or sound, never both"
    )
    arguments, streams = [], []
    for number, output in enumerate(pictures):
        video = output["VideoDescription"]
        arguments += ["-map", "0:v:0", f"-filter:v:{number}", f"scale={video['Width']}:{video['Height']}"]
        streams.append(f"v:{number},{'agroup:sound,' if sounds else ''}name:{output['NameModifier']}")
    if sounds:
        arguments += ["-map", "0:a:0", "-c:a", "aac", "-ac", "2"]
        streams.append(f"a:0,agroup:sound,default:yes,name:{sounds[0]['NameModifier']}")
    _ffmpeg(
        *("-i", str(film)),
        *arguments,
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *("-force_key_frames", "expr:gte(t,n_forced*2)", "-f", "hls", "-hls_time", "4"),
        *("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-var_stream_map", " ".join(streams)),
        *("-master_pl_name", f"{base}.m3u8", "-hls_fmp4_init_filename", f"{base}%vinit.cmfv"),
        *("-hls_segment_filename", f"{folder}/{base}%v_%09d.cmfv", f"{folder}/{base}%v.m3u8"),
    )


def _file(film: Path, folder: Path, name: str, output: Settings) -> None:
    video = output["VideoDescription"]
    width, height = video.get("Width", -2), video.get("Height", -2)
    scale = f"scale={width}:{height}"
    codec = video["CodecSettings"]
    if codec["Codec"] == "FRAME_CAPTURE":
        capture = codec["FrameCaptureSettings"]
        rate = f"fps={capture['FramerateNumerator']}/{capture['FramerateDenominator']}:round=up"
        _ffmpeg(
            *("-i", str(film), "-vf", f"{rate},{scale}", "-frames:v", str(capture["MaxCaptures"])),
            *("-start_number", "0", f"{folder}/{name}.%07d.jpg"),
        )
        return
    assert codec["Codec"] == "H_264"
    sound = ["-c:a", "aac"] if output.get("AudioDescriptions") else ["-an"]
    picture = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    _ffmpeg("-i", str(film), "-vf", scale, *picture, *sound, f"{folder}/{name}.mp4")


def _split(address: str) -> tuple[str, str]:
    """Return (bucket, key) of "s3://bucket/key"."""
    scheme, _, rest = address.partition("://")
    bucket, _, key = rest.partition("/")
    assert scheme == "s3"
    assert bucket
    assert key
    return bucket, key


def _ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, timeout=300)
