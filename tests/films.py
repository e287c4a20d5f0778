"""Real video files of every kind people upload, and of every kind they should not, made by ffmpeg."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60")
SOUND = ("-c:a", "aac", "-b:a", "64k", "-shortest")


def _ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, timeout=300)


def _picture(size: str, seconds: float, extra: str = "") -> Sequence[str]:
    source = f"testsrc2=s={size}:r=30,drawbox=x=0:y=0:w=iw/8:h=ih/8:c=red:t=fill{extra}"
    return "-f", "lavfi", "-t", str(seconds), "-i", source


def _tone(seconds: float) -> Sequence[str]:
    return "-f", "lavfi", "-t", str(seconds), "-i", "sine=440:r=48000"


def landscape(path: Path, *, size: str = "1280x720", seconds: float = 8) -> Path:
    """H.264 with sound, lying: what OBS and most cameras make."""
    _ffmpeg(*_picture(size, seconds), *_tone(seconds), *X264, *SOUND, "-movflags", "+faststart", str(path))
    return path


def portrait(path: Path) -> Path:
    """Stored lying with a quarter turn in its metadata, as telephones do."""
    lying = landscape(path.with_name("lying.mp4"))
    _ffmpeg("-display_rotation", "90", "-i", str(lying), "-c", "copy", str(path))
    lying.unlink()
    return path


def hevc(path: Path) -> Path:
    """What telephones record by default."""
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=none")
    _ffmpeg(*_picture("1280x720", 6), *_tone(6), *codec, "-pix_fmt", "yuv420p", *SOUND, str(path))
    return path


def ten_bit(path: Path) -> Path:
    """HEVC with ten bits a sample: HDR cameras."""
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=none")
    _ffmpeg(*_picture("640x360", 4), *_tone(4), *codec, "-pix_fmt", "yuv420p10le", *SOUND, str(path))
    return path


def variable_rate(path: Path) -> Path:
    """Frames at uneven distances, as screen recorders leave them."""
    uneven = ",select='not(between(mod(n\\,30)\\,3\\,17))'"
    _ffmpeg(*_picture("1280x720", 6, uneven), *_tone(6), *X264, "-fps_mode", "vfr", *SOUND, str(path))
    return path


def silent(path: Path) -> Path:
    """No sound track at all."""
    _ffmpeg(*_picture("854x480", 6), *X264, str(path))
    return path


def gigabyte(path: Path) -> Path:
    """More than 1,000,000,000 bytes in ten seconds: noise at a hardly lossy quality."""
    noise = ",noise=alls=60:allf=t"
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "6", "-pix_fmt", "yuv420p", "-g", "60")
    _ffmpeg(*_picture("1920x1080", 10, noise), *_tone(10), *codec, *SOUND, str(path))
    assert path.stat().st_size > 1_000_000_000
    return path


def not_a_video(path: Path) -> Path:
    """A text that calls itself a video."""
    path.write_text("영상이 아니에요. " * 2000)
    return path


def renamed_picture(path: Path) -> Path:
    """A JPEG with a video's name."""
    jpeg = path.with_suffix(".jpg")
    _ffmpeg(*_picture("640x360", 1), "-frames:v", "1", "-update", "1", str(jpeg))
    jpeg.rename(path)
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def truncated(path: Path) -> Path:
    """Cut off in the middle, index at the front: players open it, and stop half-way."""
    whole = landscape(path.with_name("whole.mp4")).read_bytes()
    path.with_name("whole.mp4").unlink()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def without_index(path: Path) -> Path:
    """Cut off before the index at its end: what a recorder leaves that lost power."""
    whole = path.with_name("whole.mp4")
    _ffmpeg(*_picture("640x360", 6), *_tone(6), *X264, *SOUND, str(whole))
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    whole.unlink()
    return path


def sound_only(path: Path) -> Path:
    _ffmpeg(*_tone(5), "-c:a", "aac", str(path))
    return path


def too_long(path: Path) -> Path:
    """Twenty-five minutes, in very few bytes."""
    source = "color=c=gray:s=320x180:r=1"
    _ffmpeg("-f", "lavfi", "-t", "1500", "-i", source, *X264, str(path))
    return path


def absurd_size(path: Path) -> Path:
    """A frame of 96 million pixels."""
    _ffmpeg("-f", "lavfi", "-i", "color=c=gray:s=12000x8000:r=1", "-frames:v", "1", *X264, str(path))
    return path


def too_large(path: Path) -> Path:
    """Six gigabytes on the label and nothing on the disk (a sparse file)."""
    with path.open("wb") as file:
        file.truncate(6 * 1024**3)
    return path
