"""One ffmpeg per camera: a recorder's WebM or MP4 into its standard input, FLV out of its standard output."""

import asyncio
import contextlib
import logging
import os
import signal
from typing import Self

from imageio_ffmpeg import get_ffmpeg_exe

from broadcasts.camera.formats import Format

logger = logging.getLogger(__name__)

MAX_BEHIND = 4 << 20
"""Bytes that may wait for ffmpeg: several seconds of the largest picture. It reads as fast as the ingest takes."""

READ_BYTES = 1 << 18
GRACE_SECONDS = 3.0
ERROR_BYTES = 2000

# The picture is passed on as it is; anything but H.264 is encoded with keyframes a second apart. Browsers' frame
# rate varies: without a fixed one x264 would be told of thousands of frames a second, and lag by many seconds.
COPY = ("-c:v", "copy")
ENCODE = (
    *("-vf", "fps=30,format=yuv420p", "-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency"),
    *("-profile:v", "main", "-b:v", "2500k", "-maxrate", "2500k", "-bufsize", "2500k", "-g", "30"),
    *("-sc_threshold", "0"),
)
# A recorder leaves gaps where there was no sound; they are filled, or picture and sound would drift apart.
SOUND = ("-af", "aresample=async=1000", "-c:a", "aac", "-ar", "48000", "-ac", "2", "-b:a", "128k")


class Behind(Exception):
    """More was given than ffmpeg reads."""


class Remuxer:
    """Bytes in with `feed`, FLV out with `read`. It ends with its standard input, and with the process that has it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if not (process.stdin and process.stdout and process.stderr):
            raise ValueError("all three pipes are needed")
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self._complaints = b""
        self._listening = asyncio.create_task(self._listen(process.stderr))

    @classmethod
    async def start(cls, format_: Format) -> Self:
        # A group of its own: a Ctrl-C in the terminal is for the server, which ends its cameras in order.
        process = await asyncio.create_subprocess_exec(
            *command(format_),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=READ_BYTES,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    def feed(self, data: bytes) -> None:
        """Give ffmpeg the recorder's next bytes; never waits. Raises Behind."""
        if self._input.is_closing():
            return  # it has ended, which whoever reads is told of
        self._input.write(data)
        if self._input.transport.get_write_buffer_size() > MAX_BEHIND:
            raise Behind

    async def read(self) -> bytes:
        """Return some FLV, b"" after the end."""
        return await self._output.read(READ_BYTES)

    async def stop(self) -> None:
        """End ffmpeg, by force if it does not end within GRACE_SECONDS or nobody waits that long."""
        self._input.transport.abort()  # what waits to be written was for a show that is over
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._listening
        if self._process.returncode and self._complaints:
            logger.info("ffmpeg of a camera said: %s", self._complaints.decode(errors="replace").strip())

    async def _listen(self, complaints: asyncio.StreamReader) -> None:
        """Keep the first complaints, which are the causes, and let the others go: an unread pipe would block it."""
        while piece := await complaints.read(4096):
            self._complaints += piece[: ERROR_BYTES - len(self._complaints)]


def command(format_: Format) -> list[str]:
    """The command: nothing but the two pipes may be opened, whatever the bytes say."""
    return [
        *(get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error"),
        *("-fflags", "+nobuffer+genpts", "-analyzeduration", "500000", "-probesize", "200000"),
        *("-protocol_whitelist", "pipe", "-f", format_.demuxer, "-i", "pipe:0"),
        *("-map", "0:v:0", "-map", "0:a:0?"),
        *(ENCODE if format_.encodes else COPY),
        *SOUND,
        *("-flvflags", "no_duration_filesize", "-flush_packets", "1", "-f", "flv", "pipe:1"),
    ]
