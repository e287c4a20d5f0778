"""Puts the parts together: listens, keeps the shows, ticks, starts and stops cleanly."""

import asyncio
import errno
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

from . import journal
from .channel import Authorise, Channel
from .config import Config
from .control import Control
from .events import Emit, Outbox
from .origin import Origin, cross_origin
from .refusals import BAD_KEY, UNAVAILABLE, Refused
from .rtmp import Publisher
from .show import Services, Show
from .stills import Stills
from .stream import Stream

logger = logging.getLogger(__name__)

TICK = 0.5
DISK_THREADS = 4
DRAIN_TIMEOUT = 5.0


class CannotListen(Exception):
    """A port cannot be opened, most often because it is taken."""

    def __init__(self, service: str, port: int, error: OSError) -> None:
        why = (
            "is taken" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror or error})"
        )
        super().__init__(f"The {service} port {port} {why}.")


class IngestServer:
    """`authorise` tells whose a stream key is, `emit` takes event envelopes."""

    def __init__(self, config: Config, *, authorise: Authorise, emit: Emit) -> None:
        self.config = config
        self.rtmp_port = config.rtmp_port
        self.http_port = config.http_port
        self._authorise = authorise
        self._emit = emit
        self._publishers: set[Publisher] = set()
        self._per_address: Counter[str] = Counter()
        self._shows: dict[str, Show] = {}
        self._by_playback_id: dict[str, Show] = {}
        self._leaving: set[Show] = set()
        self._disconnected_at: dict[str, float] = {}
        self._stopping = False

    # Life

    async def start(self) -> None:
        """Listen. Raises CannotListen when a port is taken."""
        loop = asyncio.get_running_loop()
        self._executor = ThreadPoolExecutor(DISK_THREADS, thread_name_prefix="recorder")
        self._outbox = Outbox(self._emit)
        self._services = Services(self.config, self._outbox, Stills(self.config.ffmpeg), self._executor)
        try:
            self._rtmp = await loop.create_server(
                lambda: Publisher(self), self.config.rtmp_host, self.config.rtmp_port, backlog=256
            )
        except OSError as error:
            raise CannotListen("RTMP", self.config.rtmp_port, error) from error
        try:
            self._http = await self._start_http()
        except OSError as error:
            self._rtmp.close()
            raise CannotListen("HTTP", self.config.http_port, error) from error
        self.rtmp_port = self._rtmp.sockets[0].getsockname()[1]
        self.http_port = self._http.addresses[0][1]
        self._resume_sessions()
        self._ticking = loop.create_task(self._tick())

    async def stop(self) -> None:
        """Drop the encoders and leave their sessions on disk: the next start looks like a reconnect."""
        self._stopping = True
        self._rtmp.close()
        self._ticking.cancel()
        for publisher in list(self._publishers):
            publisher.abort()
        shows = {*self._shows.values(), *self._leaving}
        for show in shows:
            await show.suspend()
        await self._outbox.close(DRAIN_TIMEOUT)
        for show in shows:
            await show.close()
        await self._http.cleanup()
        self._executor.shutdown()

    async def _start_http(self) -> web.AppRunner:
        app = web.Application()
        app.add_routes(Origin(self.config, self._by_playback_id.get).routes())
        app.add_routes(Control(self, self.config.control_secret).routes())
        app.on_response_prepare.append(cross_origin(self.config.allowed_origins))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, self.config.http_host, self.config.http_port, backlog=1024).start()
        return runner

    def _resume_sessions(self) -> None:
        sessions = journal.unfinished(self.config.recordings)
        for saved in sorted(sessions, key=lambda session: session.last_activity):
            former = self._shows.get(saved.channel.ref)
            show = Show(saved.channel, self._services, self._gone, saved)
            self._keep(show)
            if former is not None:
                former.finish()  # a channel goes on with its newest session only
            logger.info("Session %s of channel %s taken over", show.session_id, show.channel.ref)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK)
            now = loop.time()
            for publisher in list(self._publishers):
                publisher.check_deadlines(now)
            for show in list(self._shows.values()):
                try:
                    show.tick(now)
                except Exception:
                    # One channel's fault must not end the clock of all.
                    logger.exception("Channel %s: tick failed", show.channel.ref)

    # rtmp.Ingest

    def admit(self, publisher: Publisher) -> bool:
        self._publishers.add(publisher)
        self._per_address[publisher.peer] += 1
        return not self._stopping and (
            len(self._publishers) <= self.config.max_connections
            and self._per_address[publisher.peer] <= self.config.max_connections_per_address
        )

    def forget(self, publisher: Publisher) -> None:
        self._publishers.discard(publisher)
        self._per_address[publisher.peer] -= 1
        if self._per_address[publisher.peer] <= 0:
            del self._per_address[publisher.peer]

    async def open_stream(self, key: str, publisher: Publisher) -> Stream:
        begun = asyncio.get_running_loop().time()
        channel = await self._authorise(key)
        # A key that was replaced while it was looked up must not slip in behind the disconnection.
        if channel is None or self._disconnected_at.get(channel.ref, 0.0) >= begun:
            raise Refused(BAD_KEY, "The stream key is wrong or has been replaced.")
        if self._stopping:
            raise Refused(UNAVAILABLE, "The server is restarting. Please try again.")
        return self._show_for(channel).attach(publisher)

    def _show_for(self, channel: Channel) -> Show:
        show = self._shows.get(channel.ref)
        if show is None or show.ended:
            show = Show(channel, self._services, self._gone)
            self._keep(show)
        return show

    def _keep(self, show: Show) -> None:
        former = self._shows.get(show.channel.ref)
        if former is not None:
            self._leaving.add(former)
        self._shows[show.channel.ref] = show
        self._by_playback_id[show.channel.playback_id] = show

    def _gone(self, show: Show) -> None:
        self._leaving.discard(show)
        if self._shows.get(show.channel.ref) is show:
            del self._shows[show.channel.ref]
        if self._by_playback_id.get(show.channel.playback_id) is show:
            del self._by_playback_id[show.channel.playback_id]

    # control.Shows

    def describe(self) -> list[dict[str, Any]]:
        return [show.describe() for show in self._shows.values() if show.is_receiving]

    def stop_channel(self, ref: str) -> asyncio.Task[None] | None:
        show = self._shows.get(ref)
        return None if show is None or show.ended else show.finish()

    def disconnect(self, ref: str) -> bool:
        self._disconnected_at[ref] = asyncio.get_running_loop().time()
        show = self._shows.get(ref)
        return show is not None and show.disconnect()
