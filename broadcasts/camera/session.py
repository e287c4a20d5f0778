"""One camera on the air, from its claim on the channel to its last frame."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from broadcasts.camera.claim import claim_channel
from broadcasts.camera.flv import FlvReader, NotFlv
from broadcasts.camera.formats import Format
from broadcasts.camera.limits import places
from broadcasts.camera.refusals import AlreadyPublishing, CameraRefused, ServerAway, TooFast, Unreadable
from broadcasts.camera.remuxer import Behind, Remuxer
from broadcasts.camera.rtmp_publisher import PublishError, PublishRefused, RtmpPublisher
from broadcasts.models import Channel

TAKEN = "NetStream.Publish.BadName"
TRY_LATER = "NetStream.Publish.Failed"


class CameraSession:
    """`run` it as a task and `feed` it once it is ready; cancelled, it leaves nothing behind."""

    def __init__(self, channel: Channel, session: UUID, format_: Format) -> None:
        self._channel = channel
        self._session = session
        self._format = format_
        self._remuxer: Remuxer | None = None

    async def run(self, on_ready: Callable[[], Awaitable[None]]) -> None:
        """Publish until something ends it. Always raises CameraRefused, unless cancelled."""
        with places(self._format.places):
            async with claim_channel(self._channel.code, self._session) as claim:
                try:
                    async with await RtmpPublisher.open(
                        self._channel.ingest_url, self._channel.stream_key
                    ) as publisher:
                        self._remuxer = remuxer = await Remuxer.start(self._format)
                        try:
                            await on_ready()
                            await _first_failure(claim.keep(), publisher.watch(), _pump(remuxer, publisher))
                        finally:
                            await remuxer.stop()
                except PublishError as error:
                    raise _in_words(error) from error

    def feed(self, data: bytes) -> None:
        """Take the recorder's next bytes; never waits. Raises TooFast."""
        if self._remuxer is None:
            return
        try:
            self._remuxer.feed(data)
        except Behind as error:
            raise TooFast from error


async def _pump(remuxer: Remuxer, publisher: RtmpPublisher) -> None:
    """Send what ffmpeg makes, as fast as the ingest takes it. Raises Unreadable, PublishError."""
    reader = FlvReader()
    while data := await remuxer.read():
        try:
            tags = list(reader.feed(data))
        except NotFlv as error:
            raise Unreadable from error
        for tag in tags:
            await publisher.send(tag)
    raise Unreadable


async def _first_failure(*work: Awaitable[None]) -> None:
    """Do all at once until one of them raises, which is passed on; the others are cancelled."""
    tasks = [asyncio.ensure_future(part) for part in work]
    try:
        done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _in_words(error: PublishError) -> CameraRefused:
    if not isinstance(error, PublishRefused):
        return ServerAway()
    return {TAKEN: AlreadyPublishing, TRY_LATER: ServerAway}.get(error.status, CameraRefused)()
