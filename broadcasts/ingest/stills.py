"""Still pictures from keyframes: the one thing that needs ffmpeg, a moment at a time."""

import asyncio
import logging

logger = logging.getLogger(__name__)

AT_ONCE = 1
TIME_LIMIT = 6.0
WIDTH = 640


class Stills:
    """Turns keyframes into JPEGs, few at a time, so that pictures never take the processor from the streams."""

    def __init__(self, ffmpeg: str) -> None:
        self._ffmpeg = ffmpeg
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def picture(self, movie: bytes) -> bytes | None:
        """The first frame of an MP4 as JPEG, or None when ffmpeg fails or takes too long."""
        try:
            async with asyncio.timeout(TIME_LIMIT), self._turn:
                return await self._run(movie)
        except (TimeoutError, OSError) as error:
            logger.warning("No still picture: %r", error)
            return None

    async def _run(self, movie: bytes) -> bytes | None:
        command = [self._ffmpeg, "-v", "error", "-nostdin", "-threads", "1", "-f", "mp4", "-i", "pipe:0"]
        command += [
            "-frames:v",
            "1",
            "-vf",
            f"scale='min({WIDTH},iw)':-2",
            "-q:v",
            "4",
            "-f",
            "mjpeg",
            "pipe:1",
        ]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            picture, _ = await process.communicate(movie)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return picture if process.returncode == 0 and picture else None
