"""A viewer of low-latency HLS that decodes nothing: it notes how late each part can be had."""

import asyncio
import re
from urllib.parse import urljoin

import aiohttp

from benchmarks.parts.rtmp_load import Encoder

_PART = re.compile(r'#EXT-X-PART:DURATION=([\d.]+),URI="([^"]+)"')
_SEGMENT = re.compile(r"#EXTINF:([\d.]+)")
_SEQUENCE = re.compile(r"#EXT-X-MEDIA-SEQUENCE:(\d+)")
_REQUEST_SECONDS = 15


class PartViewer:
    """Follows one stream from its first part on. `lateness` holds seconds, one for each part since `forget`.

    A part's lateness is the time from when the encoder sent its last frame to when its bytes were here.
    """

    def __init__(self, session: aiohttp.ClientSession, playback_url: str, encoder: Encoder) -> None:
        self.lateness: list[float] = []
        self._session = session
        self._playlist_url = urljoin(playback_url, "media.m3u8")
        self._encoder = encoder
        self._starts = {0: 0}
        self._next = (0, 0)
        self._loop = asyncio.get_running_loop()
        self.task = self._loop.create_task(self._follow())

    def forget(self) -> None:
        self.lateness.clear()

    async def _follow(self) -> None:
        while True:
            msn, part = self._next
            text = (await self._get(f"{self._playlist_url}?_HLS_msn={msn}&_HLS_part={part}")).decode()
            for end_ms, uri in self.new_parts(text):
                await self._get(urljoin(self._playlist_url, uri))
                sent = self._encoder.sent(end_ms)
                if sent is not None:
                    self.lateness.append(self._loop.time() - sent)

    async def _get(self, url: str) -> bytes:
        timeout = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
        async with self._session.get(url, timeout=timeout) as response:
            response.raise_for_status()
            return await response.read()

    def new_parts(self, playlist: str) -> list[tuple[int, str]]:
        """Parts not seen before: where each ends in the stream, in ms, and its address."""
        new = []
        first = _SEQUENCE.search(playlist)
        msn = int(first[1]) if first else 0
        index, end = 0, self._starts[msn]
        for line in playlist.splitlines():
            if part := _PART.match(line):
                end += round(float(part[1]) * 1000)
                if (msn, index) >= self._next:
                    new.append((end, part[2]))
                index += 1
            elif segment := _SEGMENT.match(line):
                self._starts[msn + 1] = end = self._starts[msn] + round(float(segment[1]) * 1000)
                msn, index = msn + 1, 0
        self._next = max(self._next, (msn, index))
        return new
